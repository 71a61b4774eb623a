package dev.casemate.protocol;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * A point on the JVM's monotonic clock, or never. On the wire a bound is a count of nanoseconds and
 * 0 stands for none; a bound of more than {@link #LONGEST} is none.
 */
final class Deadline {
  /** Half of what the monotonic clock can tell apart: 146 years. */
  private static final long LONGEST = Long.MAX_VALUE / 2;

  static final Deadline NEVER = new Deadline(false, 0);

  private final boolean bounded;
  private final long at;

  private Deadline(boolean bounded, long at) {
    this.bounded = bounded;
    this.at = at;
  }

  /** The timeout itself, which is zero for none and never negative. */
  static Duration checked(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout is negative: " + timeout);
    }
    return timeout;
  }

  /** From now on; zero is never. */
  static Deadline after(Duration timeout) {
    if (checked(timeout).isZero() || timeout.toSeconds() >= LONGEST / 1_000_000_000L) {
      return NEVER;
    }
    return afterNanos(timeout.toNanos());
  }

  /** From now on; 0 is never, and a negative count, which a late caller sends, has passed. */
  static Deadline afterNanos(long nanos) {
    return nanos == 0 || nanos > LONGEST
        ? NEVER
        : new Deadline(true, System.nanoTime() + Math.max(0, nanos));
  }

  /** Whether it comes at all. */
  boolean bounded() {
    return bounded;
  }

  /** Nanoseconds left: 0 when it has passed, {@link Long#MAX_VALUE} when it never comes. */
  long remaining() {
    return bounded ? Math.max(0, at - System.nanoTime()) : Long.MAX_VALUE;
  }

  /** The same, empty when it never comes. */
  OptionalLong remainingNanos() {
    return bounded ? OptionalLong.of(remaining()) : OptionalLong.empty();
  }

  boolean passed() {
    return remaining() == 0;
  }
}
