package dev.casemate.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.core.VmExit;
import dev.casemate.hypervisor.ExitStatus;
import dev.casemate.model.ErrorCode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How endings are told apart, and what is said of them. */
class EvidenceTest {
  private static final String PANIC =
      "[    0.64] Kernel panic - not syncing: VFS: Unable to mount root fs";
  private static final ExitStatus CLEAN = new ExitStatus.Exited(0);

  private static VmExit classify(
      ExitStatus status, QmpEvent.@Nullable Shutdown shutdown, String console, long oomKills) {
    return new ExitEvidence(
            false,
            status,
            shutdown,
            false,
            console.lines().toList(),
            List.of("warning: x", "qemu: no memory"),
            oomKills)
        .classify();
  }

  @Test
  void tellsEndingsApart() {
    QmpEvent.Shutdown reset = new QmpEvent.Shutdown(true, "guest-reset");
    assertThat(classify(CLEAN, reset, PANIC, 0)).isEqualTo(new VmExit.GuestPanic(PANIC));
    assertThat(classify(CLEAN, reset, "fine", 0)).isEqualTo(new VmExit.GuestShutdown());
    assertThat(classify(CLEAN, new QmpEvent.Shutdown(true, "guest-shutdown"), "", 0))
        .isEqualTo(new VmExit.GuestShutdown());
    assertThat(classify(CLEAN, new QmpEvent.Shutdown(false, "host-signal"), "", 0))
        .isEqualTo(new VmExit.Signalled(15));
    assertThat(classify(CLEAN, null, "", 0)).isEqualTo(new VmExit.Failed(0, "qemu: no memory"));
    assertThat(classify(new ExitStatus.Exited(1), null, PANIC, 3))
        .isEqualTo(new VmExit.Failed(1, "qemu: no memory"));
  }

  @Test
  void aKillIsForMemoryOnlyWhenTheHostCountedOne() {
    assertThat(classify(new ExitStatus.Signalled(9), null, PANIC, 1))
        .isEqualTo(new VmExit.OutOfMemory());
    assertThat(classify(new ExitStatus.Signalled(9), null, PANIC, 0))
        .isEqualTo(new VmExit.Signalled(9));
    assertThat(classify(new ExitStatus.Signalled(11), null, "", 1))
        .isEqualTo(new VmExit.Signalled(11));
  }

  @Test
  void whatWeAskedForIsNoFailure() {
    assertThat(
            new ExitEvidence(
                    true, new ExitStatus.Signalled(9), null, true, List.of(PANIC), List.of(), 1)
                .classify())
        .isEqualTo(new VmExit.Requested());
  }

  @Test
  void aPanicDeviceNeedsNoConsole() {
    assertThat(new ExitEvidence(false, CLEAN, null, true, List.of(), List.of(), 0).classify())
        .isInstanceOf(VmExit.GuestPanic.class);
  }

  private static Diagnosis diagnose(@Nullable VmExit exit, boolean opened, String... console) {
    return Diagnosis.of(
        Optional.ofNullable(exit), List.of(console), List.of("a", "b", "c", "d"), opened);
  }

  @Test
  void everyEndingHasItsCode() {
    assertThat(diagnose(new VmExit.Requested(), false).code()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(diagnose(new VmExit.GuestShutdown(), false).code()).isEqualTo(ErrorCode.VMM_DIED);
    assertThat(diagnose(new VmExit.GuestPanic("p"), false).code()).isEqualTo(ErrorCode.GUEST_PANIC);
    assertThat(diagnose(new VmExit.Failed(1, "d"), false).code()).isEqualTo(ErrorCode.VMM_DIED);
    assertThat(diagnose(new VmExit.Signalled(9), false).code()).isEqualTo(ErrorCode.VMM_DIED);
    assertThat(diagnose(new VmExit.OutOfMemory(), false).code()).isEqualTo(ErrorCode.VMM_DIED);
    assertThat(diagnose(null, false).code()).isEqualTo(ErrorCode.AGENT_SILENT);
    assertThat(diagnose(null, false, PANIC, "more").code()).isEqualTo(ErrorCode.GUEST_PANIC);
  }

  @Test
  void saysWhatWasSeen() {
    assertThat(diagnose(new VmExit.Failed(1, "d"), false).why())
        .isEqualTo("the VMM exited with status 1: b / c / d");
    assertThat(diagnose(new VmExit.OutOfMemory(), false).advice()).contains("limit");
    assertThat(diagnose(new VmExit.Signalled(31), false).advice()).contains("filter");
    assertThat(diagnose(null, false).why()).contains("printed nothing");
    assertThat(diagnose(null, false, "x", "init: no disk").why()).contains("init: no disk");
    assertThat(diagnose(null, true, "x").why()).contains("opened its port");
  }
}
