package dev.casemate.protocol;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread will do. */
final class Until {
  /** Far more than a loaded machine needs; only a test that fails waits for so long. */
  static final Duration BOUND = Duration.ofSeconds(60);

  private static final Duration STEP = Duration.ofMillis(2);

  private Until() {}

  /** Waits until a condition holds. */
  static void holds(BooleanSupplier condition) {
    long end = System.nanoTime() + BOUND.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("what the test waits for did not happen within " + BOUND);
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
  }
}
