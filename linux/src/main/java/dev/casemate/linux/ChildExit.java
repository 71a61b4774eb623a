package dev.casemate.linux;

/**
 * How a child ended.
 *
 * @param pid the process that was
 * @param code its exit code, 0 to 255; 0 when a signal ended it
 * @param signal the signal that ended it; 0 when it exited by itself
 */
public record ChildExit(int pid, int code, int signal) {
  /** What is added to a signal's number to tell it as an exit code, as shells do. */
  private static final int SIGNAL_BASE = 128;

  /** Checks the ranges. */
  public ChildExit {
    if (pid <= 0 || code < 0 || code > 255 || signal < 0 || (code != 0 && signal != 0)) {
      throw new IllegalArgumentException(
          "no such end: pid " + pid + ", code " + code + ", signal " + signal);
    }
  }

  /** One number for both, as shells tell it: the code, or 128 and the signal's number. */
  public int status() {
    return signal == 0 ? code : SIGNAL_BASE + signal;
  }

  static ChildExit ofWaitStatus(int pid, int status) {
    int signal = status & 0x7f;
    return new ChildExit(pid, signal == 0 ? (status >> 8) & 0xff : 0, signal);
  }
}
