package dev.casemate.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How long each phase of a start took, in the order in which the phases ended. Thread-safe. */
public final class Phases {
  /** One phase: its name, and when it ended, counted from the beginning. */
  public record Phase(String name, Duration end) {}

  private final long beginNanos;
  private final List<Phase> ended = new ArrayList<>();

  /** Counts from a moment of {@link System#nanoTime}. */
  public Phases(long beginNanos) {
    this.beginNanos = beginNanos;
  }

  /** Notes that a phase has ended. */
  public synchronized void end(String name) {
    ended.add(new Phase(name, Duration.ofNanos(System.nanoTime() - beginNanos)));
  }

  /** The phases so far. */
  public synchronized List<Phase> all() {
    return List.copyOf(ended);
  }
}
