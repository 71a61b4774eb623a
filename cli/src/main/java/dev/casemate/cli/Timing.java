package dev.casemate.cli;

import dev.casemate.core.Phases;
import java.util.ArrayList;
import java.util.List;

/** How long the phases of a run took, for {@code --timing}. Owned by one thread. */
final class Timing {
  private final List<String> lines = new ArrayList<>();
  private long begunNanos = System.nanoTime();

  /** Begins a phase; the time until {@link #end} is its own. */
  void begin() {
    begunNanos = System.nanoTime();
  }

  /** Ends the phase that was begun last. */
  void end(String name) {
    long now = System.nanoTime();
    lines.add(line(name, (now - begunNanos) / 1_000_000));
    begunNanos = now;
  }

  /** Adds the phases of a boot, which are counted from its beginning. */
  void add(List<Phases.Phase> phases) {
    long before = 0;
    for (Phases.Phase phase : phases) {
      long end = phase.end().toMillis();
      lines.add(line(phase.name(), end - before));
      before = end;
    }
    begunNanos = System.nanoTime();
  }

  /** The lines since the last call. */
  String take() {
    StringBuilder out = new StringBuilder();
    for (String line : lines) {
      out.append(line).append('\n');
    }
    lines.clear();
    return out.toString();
  }

  private static String line(String name, long millis) {
    String digits = Long.toString(millis);
    StringBuilder out = new StringBuilder("  ").append(name);
    return out.repeat(' ', Math.max(1, 20 - name.length() - digits.length()))
        .append(digits)
        .append(" ms")
        .toString();
  }
}
