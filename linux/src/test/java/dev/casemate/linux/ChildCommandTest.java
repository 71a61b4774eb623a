package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildCommandTest {
  @TempDir private Path dir;

  /** Runs a command to its end and gives what it wrote. */
  private static String output(ChildCommand command) throws IOException {
    try (Pipe out = Pipe.open();
        Descriptor none = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      int pid = command.withDescriptors(none, out.writeEnd(), out.writeEnd()).start();
      out.writeEnd().close();
      byte[] bytes = out.readEnd().inputStream().readAllBytes();
      assertThat(Processes.reap(pid)).isEqualTo(new ChildExit(pid, 0, 0));
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private static ChildCommand shell(String script) {
    return ChildCommand.of("/bin/sh", "-c", script);
  }

  @Test
  void tellsTheExitCode() {
    for (int code : new int[] {0, 1, 127, 128, 255}) {
      int pid = shell("exit " + code).start();
      ChildExit exit = Processes.reap(pid);
      assertThat(exit).isEqualTo(new ChildExit(pid, code, 0));
      assertThat(exit.status()).isEqualTo(code);
    }
  }

  @Test
  void tellsTheSignal() {
    int pid = shell("kill -KILL $$").start();
    ChildExit exit = Processes.reap(pid);
    assertThat(exit).isEqualTo(new ChildExit(pid, 0, Signal.KILL.number()));
    assertThat(exit.status()).isEqualTo(137);
    // With a core dump or without, bit 7 of the status is not the signal's.
    assertThat(ChildExit.ofWaitStatus(5, 0x80 | 11)).isEqualTo(new ChildExit(5, 0, 11));
    assertThatThrownBy(() -> new ChildExit(5, 1, 9)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void saysWhyItCannotExecute() throws IOException {
    assertRefused(
        Errno.ENOENT, "posix_spawn", "/none", () -> ChildCommand.of("/none", "x").start());
    String plain = Files.writeString(dir.resolve("plain"), "").toString();
    assertRefused(Errno.EACCES, "posix_spawn", plain, () -> ChildCommand.of(plain).start());
    Filesystem.setPermissions(plain, 0700);
    Files.writeString(dir.resolve("plain"), "neither ELF nor script");
    assertRefused(Errno.ENOEXEC, "posix_spawn", plain, () -> ChildCommand.of(plain).start());
    assertRefused(
        Errno.ENOENT,
        "posix_spawn",
        "/bin/true",
        () -> ChildCommand.of("/bin/true").withDirectory("/none").start());
    assertRefused(
        Errno.ENOENT,
        "posix_spawn",
        "/bin/true",
        () -> ChildCommand.of("/bin/true").withTerminal("/none").start());
    // glibc has reaped what it forked for these.
    assertThat(Processes.reapAny()).isEmpty();
  }

  @Test
  void passesWordsAsTheyAre() throws IOException {
    List<String> words = List.of("/usr/bin/printf", "%s|", "", "a b", "ä€", "\"'\\$x", "\n");
    assertThat(output(ChildCommand.of(words))).isEqualTo("|a b|ä€|\"'\\$x|\n|");
    assertThatThrownBy(() -> ChildCommand.of("/bin/echo", "a\0b").start())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ChildCommand.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void passesTheWholeEnvironmentAndNothingElse() throws IOException {
    assertThat(output(ChildCommand.of("/usr/bin/env"))).isEmpty();
    assertThat(output(ChildCommand.of("/usr/bin/env").withEnvironment(Map.of("A", "b=c"))))
        .isEqualTo("A=b=c\n");
  }

  @Test
  void startsInTheDirectory() throws IOException {
    Path real = dir.toRealPath();
    assertThat(output(ChildCommand.of("/bin/pwd").withDirectory(real.toString())))
        .isEqualTo(real + "\n");
  }

  @Test
  void passesTheGivenDescriptorsAndNoOther() throws IOException {
    try (Pipe leak = Pipe.open()) {
      leak.readEnd().setCloseOnExec(false);
      // ls itself opens the directory, as the lowest free number.
      assertThat(output(ChildCommand.of("/bin/ls", "/proc/self/fd"))).isEqualTo("0\n1\n2\n3\n");
    }
  }

  @Test
  void startsWithoutAnyDescriptor() {
    int pid = shell("for i in 0 1 2 3 4; do test ! -e /proc/$$/fd/$i || exit 1; done").start();
    assertThat(Processes.reap(pid).code()).isZero();
  }

  @Test
  void ordersDescriptorsThatStandInEachOthersPlace() throws IOException {
    try (Pipe first = Pipe.open();
        Pipe second = Pipe.open();
        Descriptor none = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      // As many as to cover the numbers of the pipes themselves.
      Descriptor[] numbered = new Descriptor[60];
      java.util.Arrays.fill(numbered, none);
      numbered[7] = second.writeEnd();
      numbered[8] = first.writeEnd();
      numbered[59] = second.writeEnd();
      // dash takes one digit only.
      int pid =
          shell("echo a >&7; echo b >&8; echo c >/proc/self/fd/59")
              .withDescriptors(numbered)
              .start();
      assertThat(Processes.reap(pid).code()).isZero();
      first.writeEnd().close();
      second.writeEnd().close();
      assertThat(new String(first.readEnd().inputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("b\n");
      assertThat(new String(second.readEnd().inputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("a\nc\n");
      assertThat(first.readEnd().isOpen()).isTrue();
      assertThatThrownBy(() ->
              new ChildCommand(
                  "/bin/true",
                  List.of("/bin/true"),
                  List.of(),
                  "",
                  Collections.nCopies(65, none),
                  false,
                  ""))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void refusesAClosedDescriptor() {
    Pipe pipe = Pipe.open();
    pipe.close();
    assertRefused(
        Errno.EBADF,
        "fcntl",
        "closed",
        () -> ChildCommand.of("/bin/true").withDescriptors(pipe.readEnd()).start());
  }

  @Test
  void startsWithCleanSignals() throws IOException {
    String status = output(ChildCommand.of("/bin/grep", "^Sig[BI]", "/proc/self/status"));
    assertThat(status).isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  }

  @Test
  void callsAProgramByAnotherName() throws IOException {
    assertThat(output(ChildCommand.of("called", "-c", "echo $0").withProgram("/bin/sh")))
        .isEqualTo("called\n");
  }

  @Test
  void startsASession() throws IOException {
    String script = "cut -d' ' -f1,6 /proc/$$/stat; true";
    String[] led = output(shell(script).withNewSession()).strip().split(" ", -1);
    assertThat(led[1]).isEqualTo(led[0]);
    String[] inherited = output(shell(script)).strip().split(" ", -1);
    assertThat(inherited[1]).isEqualTo(Integer.toString(Processes.session(0)));
  }

  @Test
  void startsOnATerminal() {
    try (TerminalPair pair = TerminalPair.open()) {
      int pid =
          shell(
                  "test -t 0 && test -t 1 && test -t 2 && test ! -e /proc/$$/fd/3 && echo hi >/dev/tty")
              .withTerminal(pair.slavePath())
              .start();
      byte[] buffer = new byte[10];
      int count = pair.master().read(buffer, 0, buffer.length);
      assertThat(new String(buffer, 0, count, StandardCharsets.UTF_8)).isEqualTo("hi\r\n");
      assertThat(Processes.reap(pid).code()).isZero();
    }
    assertThatThrownBy(() ->
            new ChildCommand("/x", List.of("/x"), List.of(), "", List.of(), false, "/dev/pts/0"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
