package dev.casemate.protocol;

import java.time.Duration;

/** Bounds on time as calls carry them. */
final class Deadline {
  /** Stands for no bound in a count of nanoseconds. */
  static final long NONE = 0;

  private Deadline() {}

  /** The bound itself, which is zero for none and never negative. */
  static Duration checked(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout is negative: " + timeout);
    }
    return timeout;
  }

  /** Nanoseconds, {@link #NONE} for no bound; what does not fit (292 years) is no bound. */
  static long nanos(Duration timeout) {
    try {
      return checked(timeout).toNanos();
    } catch (ArithmeticException tooLong) {
      return NONE;
    }
  }
}
