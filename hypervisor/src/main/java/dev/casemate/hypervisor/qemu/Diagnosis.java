package dev.casemate.hypervisor.qemu;

import dev.casemate.core.VmExit;
import dev.casemate.model.ErrorCode;
import java.util.List;
import java.util.Optional;

/**
 * What a failure to reach or to keep the agent is taken for.
 *
 * @param code the kind of error
 * @param why the cause, for people
 * @param advice what to do, may be empty
 */
record Diagnosis(ErrorCode code, String why, String advice) {
  private static final int SIGSYS = 31;
  private static final String PANIC_ADVICE =
      "is the guest image damaged, a kernel parameter wrong, or the memory too small?";

  /** How many of QEMU's last lines are worth an error message; the bundle has more. */
  private static final int QUOTED_LINES = 3;

  /**
   * Draws the conclusion.
   *
   * @param end how QEMU ended, or empty while it runs
   * @param console the guest's last lines
   * @param output QEMU's last lines
   * @param portOpened whether the guest had opened the agent's port
   */
  static Diagnosis of(
      Optional<VmExit> end, List<String> console, List<String> output, boolean portOpened) {
    return end.map(exit -> ofDead(exit, console, output, portOpened))
        .orElseGet(() -> ofLiving(console, portOpened));
  }

  private static Diagnosis ofLiving(List<String> console, boolean portOpened) {
    return BootProgress.panic(console)
        .map(line ->
            new Diagnosis(
                ErrorCode.GUEST_PANIC, new VmExit.GuestPanic(line).describe(), PANIC_ADVICE))
        .orElseGet(() ->
            new Diagnosis(
                ErrorCode.AGENT_SILENT,
                BootProgress.describe(console, portOpened),
                "is the host overloaded, or the guest image damaged?"));
  }

  private static Diagnosis ofDead(
      VmExit exit, List<String> console, List<String> output, boolean portOpened) {
    return switch (exit) {
      case VmExit.Requested r ->
          new Diagnosis(ErrorCode.CANCELLED, "the machine was " + r.describe(), "");
      case VmExit.GuestShutdown s ->
          new Diagnosis(
              ErrorCode.VMM_DIED,
              s.describe() + ": " + BootProgress.describe(console, portOpened),
              "is the guest image damaged, or a kernel parameter wrong?");
      case VmExit.GuestPanic p -> new Diagnosis(ErrorCode.GUEST_PANIC, p.describe(), PANIC_ADVICE);
      case VmExit.Failed f ->
          new Diagnosis(
              ErrorCode.VMM_DIED,
              "the VMM exited with status " + f.exitCode() + quoted(output),
              "is QEMU installed as a whole, and does this host have memory left?");
      case VmExit.Signalled s ->
          new Diagnosis(
              ErrorCode.VMM_DIED,
              s.describe() + quoted(output),
              s.signal() == SIGSYS
                  ? "QEMU made a system call that its own filter forbids"
                  : "the host's log may tell who killed it");
      case VmExit.OutOfMemory o ->
          new Diagnosis(
              ErrorCode.VMM_DIED,
              o.describe(),
              "raise the memory limit of the sandbox's control group");
    };
  }

  private static String quoted(List<String> output) {
    if (output.isEmpty()) {
      return "";
    }
    int from = Math.max(0, output.size() - QUOTED_LINES);
    return ": " + String.join(" / ", output.subList(from, output.size()));
  }
}
