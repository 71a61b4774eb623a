package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private static String read(Descriptor descriptor) {
    byte[] buffer = new byte[100];
    int count = descriptor.read(buffer, 0, buffer.length);
    return new String(buffer, 0, count, StandardCharsets.UTF_8);
  }

  private static void write(Descriptor descriptor, String text) {
    descriptor.writeAll(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void opensAPair() {
    try (TerminalPair pair = TerminalPair.open();
        Descriptor byPath =
            Descriptor.open(
                pair.slavePath(), OpenAccess.READ_WRITE, OpenFlag.NO_CONTROLLING_TERMINAL)) {
      assertThat(Terminal.isTerminal(pair.master())).isTrue();
      assertThat(Terminal.isTerminal(pair.slave())).isTrue();
      assertThat(pair.slave().isCloseOnExec()).isTrue();
      assertThat(pair.master().isCloseOnExec()).isTrue();
      assertThat(byPath.status().isSameFile(pair.slave().status())).isTrue();
      write(byPath, "out\n");
      assertThat(read(pair.master())).isEqualTo("out\r\n");
    }
  }

  @Test
  void isCookedUntilMadeRaw() {
    try (TerminalPair pair = TerminalPair.open()) {
      write(pair.master(), "ab\r");
      assertThat(read(pair.slave())).isEqualTo("ab\n");
      assertThat(read(pair.master())).isEqualTo("ab\r\n");
      Terminal.Mode before = Terminal.makeRaw(pair.slave());
      write(pair.master(), "c\r\3\4");
      assertThat(read(pair.slave())).isEqualTo("c\r\3\4");
      write(pair.slave(), "d\n");
      assertThat(read(pair.master())).isEqualTo("d\n");
      before.close();
      write(pair.master(), "e\r");
      assertThat(read(pair.slave())).isEqualTo("e\n");
    }
  }

  @Test
  void restoringAfterItsEndIsNoError() {
    TerminalPair pair = TerminalPair.open();
    Terminal.Mode before = Terminal.makeRaw(pair.slave());
    pair.master().close();
    before.close();
    pair.slave().close();
    before.close();
    assertThat(Terminal.isTerminal(pair.slave())).isFalse();
  }

  @Test
  void hasASize() {
    try (TerminalPair pair = TerminalPair.open()) {
      assertThat(Terminal.windowSize(pair.master())).isEmpty();
      Terminal.setWindowSize(pair.master(), new WindowSize(65535, 24));
      assertThat(Terminal.windowSize(pair.slave())).hasValue(new WindowSize(65535, 24));
    }
    assertThatThrownBy(() -> new WindowSize(65536, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WindowSize(1, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsWhatIsNoTerminal() {
    try (Pipe pipe = Pipe.open()) {
      assertThat(Terminal.isTerminal(pipe.readEnd())).isFalse();
      assertThat(Terminal.windowSize(pipe.readEnd())).isEmpty();
      assertRefused(Errno.ENOTTY, "ioctl(0x5401)", "fd", () -> Terminal.makeRaw(pipe.readEnd()));
      assertRefused(
          Errno.ENOTTY,
          "ioctl(0x5414)",
          "fd",
          () -> Terminal.setWindowSize(pipe.readEnd(), new WindowSize(1, 1)));
      assertRefused(
          Errno.ENOTTY, "ioctl(0x540e)", "fd", () -> Terminal.makeControlling(pipe.readEnd()));
    }
  }

  @Test
  void endsTheMastersStreamWithTheLastSlave() throws Exception {
    try (TerminalPair pair = TerminalPair.open()) {
      write(pair.slave(), "last");
      pair.slave().close();
      assertThat(pair.master().inputStream().readAllBytes())
          .isEqualTo("last".getBytes(StandardCharsets.UTF_8));
      assertThat(pair.master().isOpen()).isTrue();
    }
  }

  @Test
  void becomesTheControllingTerminalOfASession() {
    try (TerminalPair pair = TerminalPair.open()) {
      int pid =
          Probe.command("terminal")
              .withDescriptors(pair.slave(), pair.slave(), pair.slave())
              .start();
      pair.slave().close();
      StringBuilder text = new StringBuilder();
      try {
        while (true) {
          text.append(read(pair.master()));
        }
      } catch (LinuxException e) {
        assertThat(e.errno()).isEqualTo(Errno.EIO);
      }
      assertThat(Processes.reap(pid)).as(text.toString()).isEqualTo(new ChildExit(pid, 0, 0));
      assertThat(text).contains("to the controlling terminal");
    }
    assertThat(Path.of("/dev/ptmx")).exists();
  }
}
