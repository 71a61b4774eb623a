package dev.casemate.hypervisor.qemu;

import dev.casemate.core.VmExit;
import dev.casemate.hypervisor.ExitStatus;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that is known when a QEMU process has ended.
 *
 * @param requested whether we had asked for it
 * @param status the process's own status
 * @param shutdown the monitor's last word, if it had one
 * @param panicReported whether a panic device reported
 * @param console the guest's last lines
 * @param output QEMU's last lines
 * @param oomKills how often the host killed in the control group since the start
 */
record ExitEvidence(
    boolean requested,
    ExitStatus status,
    QmpEvent.@Nullable Shutdown shutdown,
    boolean panicReported,
    List<String> console,
    List<String> output,
    long oomKills) {
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;
  private static final String HOST_SIGNAL = "host-signal";

  /** Weighs the evidence: the host's word before QEMU's, QEMU's before the guest's. */
  VmExit classify() {
    if (requested) {
      return new VmExit.Requested();
    }
    return switch (status) {
      case ExitStatus.Signalled(int signal) when signal == SIGKILL && oomKills > 0 ->
          new VmExit.OutOfMemory();
      case ExitStatus.Signalled(int signal) -> new VmExit.Signalled(signal);
      case ExitStatus.Exited(int code) when code != 0 ->
          new VmExit.Failed(code, output.isEmpty() ? "" : output.getLast());
      case ExitStatus.Exited(int code) -> afterCleanExit(code);
    };
  }

  /** QEMU exits with 0 for whatever ends the guest, and for SIGTERM, which it handles. */
  private VmExit afterCleanExit(int code) {
    Optional<String> panic = BootProgress.panic(console);
    if (panicReported || panic.isPresent()) {
      return new VmExit.GuestPanic(panic.orElse("reported by its panic device"));
    }
    if (shutdown == null) {
      return new VmExit.Failed(code, output.isEmpty() ? "" : output.getLast());
    }
    if (shutdown.reason().equals(HOST_SIGNAL)) {
      return new VmExit.Signalled(SIGTERM);
    }
    return new VmExit.GuestShutdown();
  }
}
