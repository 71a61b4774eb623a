package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** All children are this test's own: nothing else in this JVM starts any meanwhile. */
class ProcessesTest {
  /** Above the kernel's highest limit of process numbers, {@code PID_MAX_LIMIT}. */
  private static final int NO_PID = 4_194_305;

  private static final Duration BOUND = Duration.ofSeconds(OwnThread.BOUND_SECONDS);

  private static int start(String script, Descriptor... descriptors) {
    return ChildCommand.of("/bin/sh", "-c", script).withDescriptors(descriptors).start();
  }

  @Test
  void knowsItself() throws Exception {
    assertThat(Processes.self()).isEqualTo((int) ProcessHandle.current().pid());
    assertThat(Processes.currentThread()).isNotEqualTo(Processes.self());
    String name =
        OwnThread.call(() -> {
          Processes.setThreadName("a-name-longer-than-15");
          return Files.readString(Path.of("/proc/thread-self/comm"));
        });
    assertThat(name).isEqualTo("a-name-longer-t\n");
    assertThat(Processes.exists(Processes.self())).isTrue();
    assertThat(Processes.exists(NO_PID)).isFalse();
    assertThat(Processes.session(0)).isEqualTo(Processes.session(Processes.self()));
    assertRefused(Errno.ESRCH, "getsid", "pid " + NO_PID, () -> Processes.session(NO_PID));
    Processes.setParentDeathSignal(0);
    assertRefused(Errno.EINVAL, "prctl", "", () -> Processes.setParentDeathSignal(65));
  }

  @Test
  void killsAndReaps() {
    try (Pipe stdin = Pipe.open()) {
      int pid = start("read x", stdin.readEnd());
      assertThat(Processes.tryReap(pid)).isEmpty();
      Processes.kill(pid, 0);
      Processes.kill(pid, Signal.TERM.number());
      assertThat(Processes.reap(pid)).isEqualTo(new ChildExit(pid, 0, Signal.TERM.number()));
      assertThat(Processes.tryReap(pid)).isEmpty();
      assertRefused(Errno.ECHILD, "wait4", "pid " + pid, () -> Processes.reap(pid));
    }
    assertRefused(Errno.ESRCH, "kill", "pid " + NO_PID, () -> Processes.kill(NO_PID, 9));
    assertRefused(Errno.EINVAL, "kill", "pid", () -> Processes.kill(Processes.self(), 65));
  }

  @Test
  void leavesAnEndedChildUntilItIsReaped() {
    assertThat(Processes.awaitAnyEnded()).isEmpty();
    int pid = start("exit 3");
    assertThat(Processes.awaitAnyEnded()).hasValue(pid);
    assertThat(Processes.awaitAnyEnded()).hasValue(pid);
    assertThat(Processes.tryReap(pid)).hasValue(new ChildExit(pid, 3, 0));
    assertThat(Processes.awaitAnyEnded()).isEmpty();
    assertThat(Processes.reapAny()).isEmpty();
  }

  @Test
  void losesNoChildBetweenStartAndBookkeeping() throws Exception {
    int children = 60;
    ReentrantLock lock = new ReentrantLock();
    Map<Integer, Integer> expected = new HashMap<>();
    List<String> surprises = new ArrayList<>();
    // Keeps the reaper waiting until all the others were started.
    try (Pipe hold = Pipe.open()) {
      int last = start("read x", hold.readEnd());
      OwnThread<Integer> reaper =
          OwnThread.start(() -> {
            int reaped = 0;
            Optional<Integer> ended = Processes.awaitAnyEnded();
            while (ended.isPresent()) {
              lock.lock();
              try {
                ChildExit exit = Processes.tryReap(ended.get()).orElseThrow();
                Integer code = expected.get(exit.pid());
                if (exit.pid() != last && (code == null || code != exit.code())) {
                  surprises.add(exit + " but expected " + code);
                }
              } finally {
                lock.unlock();
              }
              reaped++;
              ended = Processes.awaitAnyEnded();
            }
            return reaped;
          });
      for (int i = 0; i < children; i++) {
        lock.lock();
        try {
          expected.put(start("exit " + i), i);
        } finally {
          lock.unlock();
        }
      }
      hold.writeEnd().close();
      assertThat(reaper.result()).isEqualTo(children + 1);
    }
    assertThat(surprises).isEmpty();
  }

  @Test
  void adoptsOrphans() throws IOException {
    assertThat(Processes.isChildSubreaper()).isFalse();
    Processes.setChildSubreaper(true);
    try (Pipe out = Pipe.open();
        Pipe hold = Pipe.open()) {
      assertThat(Processes.isChildSubreaper()).isTrue();
      // The shell leaves behind a process that lives until the pipe ends.
      int shell =
          start(
              "(cat <&3 >/dev/null; exit 9) & echo $!",
              hold.readEnd(),
              out.writeEnd(),
              out.writeEnd(),
              hold.readEnd());
      assertThat(Processes.reap(shell).code()).isZero();
      byte[] text = new byte[20];
      int count = out.readEnd().read(text, 0, text.length);
      int orphan = Integer.parseInt(new String(text, 0, count, StandardCharsets.UTF_8).strip());
      assertThat(Processes.exists(orphan)).isTrue();
      hold.writeEnd().close();
      assertThat(Processes.reapAny()).hasValue(new ChildExit(orphan, 9, 0));
    } finally {
      Processes.setChildSubreaper(false);
    }
    assertThat(Processes.isChildSubreaper()).isFalse();
  }

  @Test
  void aPidfdStandsForOneProcess() {
    try (Pipe stdin = Pipe.open()) {
      int pid = start("read x; exit 4", stdin.readEnd());
      try (Pidfd child = Pidfd.open(pid)) {
        assertThat(child.pid()).isEqualTo(pid);
        assertThat(child.hasEnded()).isFalse();
        child.sendSignal(0);
        stdin.writeEnd().writeAll("\n".getBytes(StandardCharsets.UTF_8));
        assertThat(child.awaitEnd(BOUND)).isTrue();
        assertThat(Processes.reap(pid).code()).isEqualTo(4);
        assertThat(child.hasEnded()).isTrue();
        assertRefused(Errno.ESRCH, "pidfd_send_signal", "pid " + pid, () -> child.sendSignal(9));
        assertRefused(Errno.ESRCH, "pidfd_getfd", "pid " + pid, () -> child.takeDescriptor(0));
      }
    }
    assertRefused(Errno.ESRCH, "pidfd_open", "pid " + NO_PID, () -> Pidfd.open(NO_PID));
    assertRefused(Errno.EINVAL, "pidfd_open", "pid -1", () -> Pidfd.open(-1));
  }

  @Test
  void takesDescriptorsOfAProcess() {
    try (Pipe stdin = Pipe.open();
        Pipe stdout = Pipe.open()) {
      int pid = start("read x", stdin.readEnd(), stdout.writeEnd(), stdout.writeEnd());
      stdout.writeEnd().close();
      try (Pidfd child = Pidfd.open(pid);
          Descriptor taken = child.takeDescriptor(1)) {
        assertThat(taken.isCloseOnExec()).isTrue();
        assertThat(taken.status().isSameFile(stdout.readEnd().status())).isTrue();
        assertRefused(
            Errno.EBADF, "pidfd_getfd", "fd 9 of pid " + pid, () -> child.takeDescriptor(9));
        child.sendSignal(Signal.KILL.number());
        assertThat(Processes.reap(pid).signal()).isEqualTo(9);
        // The copy outlives the process.
        taken.writeAll(new byte[] {1});
        assertThat(stdout.readEnd().read(new byte[2], 0, 2)).isEqualTo(1);
      }
      assertThat(stdout.readEnd().read(new byte[2], 0, 2)).isEqualTo(-1);
    }
  }

  @Test
  void limitsResources() throws IOException {
    try (Pipe stdin = Pipe.open()) {
      int pid = start("read x", stdin.readEnd());
      try {
        ResourceLimit.NOFILE.set(pid, new ResourceLimit.Bounds(17, 33));
        ResourceLimit.CORE.set(pid, new ResourceLimit.Bounds(0, ResourceLimit.INFINITY));
        assertThat(ResourceLimit.NOFILE.of(pid)).isEqualTo(new ResourceLimit.Bounds(17, 33));
        assertThat(Files.readAllLines(Path.of("/proc/" + pid + "/limits")))
            .anyMatch(line -> line.matches("Max open files +17 +33 +files *"))
            .anyMatch(line -> line.matches("Max core file size +0 +unlimited +bytes *"));
        assertRefused(
            Errno.EINVAL,
            "prlimit64",
            "pid " + pid,
            () -> ResourceLimit.NOFILE.set(pid, new ResourceLimit.Bounds(34, 33)));
      } finally {
        stdin.writeEnd().close();
        assertThat(Processes.reap(pid).signal()).isZero();
      }
    }
    assertThat(ResourceLimit.NOFILE.of(0)).isEqualTo(ResourceLimit.NOFILE.of(Processes.self()));
    assertRefused(Errno.ESRCH, "prlimit64", "pid " + NO_PID, () -> ResourceLimit.NOFILE.of(NO_PID));
  }
}
