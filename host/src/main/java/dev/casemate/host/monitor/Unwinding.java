package dev.casemate.host.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What has been made, to be undone last made first. Owned by one thread. A step that fails hinders
 * no other.
 */
public final class Unwinding {
  private record Step(String what, Runnable undo) {}

  private final List<Step> steps = new ArrayList<>();
  private final Consumer<String> log;

  /** Nothing made yet; the log is told what cannot be undone. */
  public Unwinding(Consumer<String> log) {
    this.log = log;
  }

  /** Adds what will be undone before all that was added so far. */
  public void add(String what, Runnable undo) {
    steps.add(new Step(what, undo));
  }

  /** Adds what will be undone right after another step. */
  void addAfter(String other, String what, Runnable undo) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).what.equals(other)) {
        steps.add(i, new Step(what, undo));
        return;
      }
    }
    throw new IllegalStateException("no step '" + other + "'");
  }

  /** Undoes everything; what is undone already is not undone again. */
  public void run() {
    while (!steps.isEmpty()) {
      Step step = steps.removeLast();
      try {
        step.undo.run();
      } catch (RuntimeException failure) {
        log.accept("undo " + step.what + ": " + failure.getMessage());
      }
    }
  }
}
