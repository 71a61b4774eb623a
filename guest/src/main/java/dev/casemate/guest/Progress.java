package dev.casemate.guest;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * Tells a person what the build is at: one line per step with the seconds since the start. Owned by
 * the building thread.
 */
final class Progress {
  private final PrintStream out;
  private final int steps;
  private final long began = System.nanoTime();
  private int step;

  /**
   * @param out where the lines go
   * @param steps how many steps there will be
   */
  Progress(PrintStream out, int steps) {
    this.out = out;
    this.steps = steps;
  }

  /** Begins the next step. */
  void step(String what) {
    step++;
    note(what);
  }

  /** Says something about the step that is under way. */
  void note(String what) {
    double seconds = Duration.ofNanos(System.nanoTime() - began).toMillis() / 1000.0;
    out.printf(Locale.ROOT, "[%d/%d] %6.1f s  %s%n", step, steps, seconds, what);
    out.flush();
  }
}
