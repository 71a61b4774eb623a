package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MachineTest {
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  @Test
  void namesTheHostOfItsNamespace() throws Exception {
    String before = Files.readString(HOST_NAME);
    OwnThread.run(() -> {
      Namespace.unshare(Namespace.UTS);
      Machine.setHostName("inside");
      assertThat(Files.readString(HOST_NAME)).isEqualTo("inside\n");
      String longName = "x".repeat(65);
      assertRefused(Errno.EINVAL, "sethostname", longName, () -> Machine.setHostName(longName));
    });
    assertThat(Files.readString(HOST_NAME)).isEqualTo(before);
  }

  /** The clock itself stays as it is: the machine is not the test's own. */
  @Test
  void refusesATimeBeforeTheEpoch() {
    assertRefused(
        Errno.EINVAL,
        "clock_settime",
        "1969-12-31T23:59:59Z",
        () -> Machine.setClock(Instant.ofEpochSecond(-1)));
  }

  @Test
  void feedsAndReseedsRandomNumbers() {
    Machine.addEntropy(new byte[] {1, 2, 3});
    Machine.reseedRandom();
    assertThatThrownBy(() -> Machine.addEntropy(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Machine.addEntropy(new byte[4097]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsItsStatus() throws Exception {
    Machine.sync();
    MachineStatus status = Machine.status();
    String total = Files.readAllLines(Path.of("/proc/meminfo")).getFirst().replaceAll("[^0-9]", "");
    assertThat(status.totalBytes()).isEqualTo(Long.parseLong(total) * 1024);
    assertThat(status.freeBytes()).isBetween(1L, status.totalBytes());
    assertThat(status.uptimeSeconds()).isPositive();
    assertThat(status.tasks()).isPositive();
  }

  /** In a pid namespace of its own, where these end its first process and nothing else. */
  @Test
  void powersOffAndRestartsAsAFirstProcess() {
    try (Descriptor none = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      String[] prefix = {"/usr/bin/unshare", "--pid", "--fork", "--kill-child"};
      int off = Probe.command("power-off", prefix).withDescriptors(none, none, none).start();
      assertThat(Processes.reap(off)).isEqualTo(new ChildExit(off, 0, Signal.INT.number()));
      int restart = Probe.command("restart", prefix).withDescriptors(none, none, none).start();
      assertThat(Processes.reap(restart)).isEqualTo(new ChildExit(restart, 0, Signal.HUP.number()));
    }
  }

  @Test
  void startsASessionOnce() {
    try (Descriptor none = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      int pid = Probe.command("session").withDescriptors(none, none, none).start();
      assertThat(Processes.reap(pid)).isEqualTo(new ChildExit(pid, 0, 0));
    }
  }
}
