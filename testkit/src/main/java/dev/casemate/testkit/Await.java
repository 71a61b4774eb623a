package dev.casemate.testkit;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions, never for a time to pass. */
public final class Await {

  /**
   * The bound of a wait that no test is about: many times what a loaded machine with two cores
   * takes to boot a virtual machine under emulation, so that reaching it means that something is
   * broken.
   */
  public static final Duration BOUND = Duration.ofSeconds(90);

  private static final Duration POLL = Duration.ofMillis(20);

  private Await() {}

  /**
   * Returns when the condition holds.
   *
   * @throws AssertionError when it does not within {@link #BOUND}
   */
  public static void until(String what, BooleanSupplier condition) {
    until(what, BOUND, condition);
  }

  /**
   * Returns when the condition holds.
   *
   * @throws AssertionError when it does not within the bound
   */
  public static void until(String what, Duration bound, BooleanSupplier condition) {
    value(what, bound, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  /**
   * Returns the value once there is one.
   *
   * @throws AssertionError when there is none within the bound
   */
  public static <T> T value(String what, Duration bound, Supplier<Optional<T>> source) {
    long start = System.nanoTime();
    while (true) {
      Optional<T> value = source.get();
      if (value.isPresent()) {
        return value.get();
      }
      if (System.nanoTime() - start > bound.toNanos()) {
        throw new AssertionError("Waited " + bound.toSeconds() + " s in vain until " + what);
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("Interrupted while waiting until " + what, e);
      }
    }
  }
}
