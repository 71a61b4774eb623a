package dev.casemate.linux;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Processes by number. A number may be reused once its process was reaped, so only a parent can
 * rely on it; others use a {@link Pidfd}.
 */
public final class Processes {
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int P_ALL = 0;
  private static final int SIGINFO_BYTES = 128;
  private static final int SIGINFO_PID_OFFSET = 16;

  private static final int PR_SET_PDEATHSIG = 1;
  private static final int PR_SET_NAME = 15;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int PR_GET_CHILD_SUBREAPER = 37;

  private Processes() {}

  /**
   * Sends a signal; to a process group when the number is negative.
   *
   * @param signal 1 to 64, or 0 to ask only whether one may
   */
  public static void kill(int pid, int signal) {
    FileCalls.plain("kill", SyscallNumbers.KILL, pid, signal, 0, "pid " + pid);
  }

  /** Whether a process with this number exists, be it a zombie or not ours. */
  public static boolean exists(int pid) {
    long result = NativeCall.syscall(SyscallNumbers.KILL, pid, 0, 0);
    return result == 0 || result == -Errno.EPERM.number();
  }

  /** The number of this process. */
  public static int self() {
    return (int) NativeCall.syscall(SyscallNumbers.GETPID, 0, 0, 0);
  }

  /** The number of the calling thread, as the kernel counts them. */
  public static int currentThread() {
    return (int) NativeCall.syscall(SyscallNumbers.GETTID, 0, 0, 0);
  }

  /**
   * Waits until some child has ended, and leaves it unreaped: call {@link #tryReap} with the
   * number. Between the two calls a reaper can take the lock under which children are started and
   * entered in its books, so that none ends before it is in them.
   *
   * <p>Takes no part in the reaping that {@code java.lang.Process} does: a JVM that uses this
   * starts its children with {@link ChildCommand} only.
   *
   * @return the child, or empty when there is no child at all
   */
  public static Optional<Integer> awaitAnyEnded() {
    try (Memory memory = new Memory()) {
      MemorySegment info = memory.zeroed(SIGINFO_BYTES);
      long result;
      do {
        // SAFETY: siginfo_t has 128 bytes and lives until the call has returned.
        result =
            NativeCall.syscall(
                SyscallNumbers.WAITID, P_ALL, 0, info.address(), WEXITED | WNOWAIT, 0, 0);
      } while (result == -Errno.EINTR.number());
      if (result == -Errno.ECHILD.number()) {
        return Optional.empty();
      }
      NativeCall.check(result, "waitid", "any child");
      return Optional.of(Memory.getInt(info, SIGINFO_PID_OFFSET));
    }
  }

  /**
   * Waits until some child has ended and reaps it.
   *
   * @return how it ended, or empty when there is no child at all
   */
  public static Optional<ChildExit> reapAny() {
    try {
      return wait4(-1, 0);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ECHILD) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Waits until a child has ended and reaps it; {@code ECHILD} when it is none of ours. */
  public static ChildExit reap(int pid) {
    return wait4(pid, 0).orElseThrow();
  }

  /**
   * Reaps a child that has ended already; empty while it runs and when it is no child of ours (any
   * more): {@link ChildCommand#start} itself reaps one that could not execute its program.
   */
  public static Optional<ChildExit> tryReap(int pid) {
    try {
      return wait4(pid, WNOHANG);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ECHILD) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Optional<ChildExit> wait4(int pid, int options) {
    try (Memory memory = new Memory()) {
      MemorySegment status = memory.zeroed(4);
      // SAFETY: the kernel writes one int to the status and, the fourth argument being null, no
      // resource usage.
      long result = NativeCall.restarting(SyscallNumbers.WAIT4, pid, status.address(), options, 0);
      int ended = (int) NativeCall.check(result, "wait4", pid < 0 ? "any child" : "pid " + pid);
      return ended == 0
          ? Optional.empty()
          : Optional.of(ChildExit.ofWaitStatus(ended, Memory.getInt(status, 0)));
    }
  }

  /** Makes this process the leader of a new session without a controlling terminal. */
  public static void startSession() {
    FileCalls.plain("setsid", SyscallNumbers.SETSID, 0, 0, 0, "");
  }

  /** The session of a process; 0 for one outside of this pid namespace. */
  public static int session(int pid) {
    return (int) FileCalls.plain("getsid", SyscallNumbers.GETSID, pid, 0, 0, "pid " + pid);
  }

  /** Whether descendants that lose their parent become children of this process. */
  public static void setChildSubreaper(boolean on) {
    FileCalls.plain("prctl", SyscallNumbers.PRCTL, PR_SET_CHILD_SUBREAPER, on ? 1 : 0, 0, "");
  }

  /** See {@link #setChildSubreaper}. */
  public static boolean isChildSubreaper() {
    try (Memory memory = new Memory()) {
      MemorySegment value = memory.zeroed(4);
      // SAFETY: the kernel writes one int to the value.
      NativeCall.check(
          NativeCall.syscall(SyscallNumbers.PRCTL, PR_GET_CHILD_SUBREAPER, value.address(), 0),
          "prctl",
          "");
      return Memory.getInt(value, 0) != 0;
    }
  }

  /**
   * Has the kernel send this process a signal when the <em>thread</em> that made it ends; 0 for
   * none.
   */
  public static void setParentDeathSignal(int signal) {
    FileCalls.plain("prctl", SyscallNumbers.PRCTL, PR_SET_PDEATHSIG, signal, 0, "");
  }

  /** Names the calling thread in {@code /proc} and {@code ps}; cut to 15 bytes. */
  public static void setThreadName(String name) {
    try (Memory memory = new Memory()) {
      // SAFETY: the name is NUL-terminated and lives until the call has returned.
      NativeCall.check(
          NativeCall.syscall(SyscallNumbers.PRCTL, PR_SET_NAME, memory.string(name).address(), 0),
          "prctl",
          name);
    }
  }
}
