package dev.casemate.linux;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A handle on one process that never comes to mean another, {@code pidfd_open(2)}, since Linux 5.3.
 */
public final class Pidfd implements AutoCloseable {
  private final Descriptor descriptor;
  private final int pid;

  private Pidfd(Descriptor descriptor, int pid) {
    this.descriptor = descriptor;
    this.pid = pid;
  }

  /**
   * A handle on the process that has this number now; {@code ESRCH} when there is none. Whoever is
   * not its parent must check afterwards that it is the one that was meant.
   */
  public static Pidfd open(int pid) {
    int fd =
        (int) FileCalls.plain("pidfd_open", SyscallNumbers.PIDFD_OPEN, pid, 0, 0, "pid " + pid);
    return new Pidfd(Descriptor.adopt(fd), pid);
  }

  /** The number that the process was opened by. */
  public int pid() {
    return pid;
  }

  /** Becomes readable when the process ends, for {@link Poll}. */
  public Descriptor descriptor() {
    return descriptor;
  }

  /**
   * Sends a signal; {@code ESRCH} once the process was reaped.
   *
   * @param signal 1 to 64, or 0 to ask only whether one may
   */
  public void sendSignal(int signal) {
    int fd = descriptor.acquire("pidfd_send_signal");
    try {
      FileCalls.plain(
          "pidfd_send_signal", SyscallNumbers.PIDFD_SEND_SIGNAL, fd, signal, 0, "pid " + pid);
    } finally {
      descriptor.release();
    }
  }

  /**
   * A new descriptor here for an open file of the process; needs the right to trace it. {@code
   * EBADF} when it has no such number. Since Linux 5.6.
   */
  public Descriptor takeDescriptor(int number) {
    int fd = descriptor.acquire("pidfd_getfd");
    try {
      return Descriptor.adopt(
          (int)
              FileCalls.plain(
                  "pidfd_getfd",
                  SyscallNumbers.PIDFD_GETFD,
                  fd,
                  number,
                  0,
                  "fd " + number + " of pid " + pid));
    } finally {
      descriptor.release();
    }
  }

  /**
   * Waits until the process has ended, reaped or not.
   *
   * @param timeout how long at most; null waits for ever
   * @return false when the time is over
   */
  public boolean awaitEnd(@Nullable Duration timeout) {
    return Poll.awaitReadable(descriptor, timeout);
  }

  /** Whether the process has ended, reaped or not. */
  public boolean hasEnded() {
    return awaitEnd(Duration.ZERO);
  }

  @Override
  public void close() {
    descriptor.close();
  }

  @Override
  public String toString() {
    return "pidfd of " + pid;
  }
}
