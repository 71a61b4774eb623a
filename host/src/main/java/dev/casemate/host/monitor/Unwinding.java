package dev.casemate.host.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What has been made, to be undone last made first. Owned by one thread. A step that fails hinders
 * no other.
 */
public final class Unwinding {
  private final List<Step> steps = new ArrayList<>();
  private final Consumer<String> log;

  /** One step; how to undo it may become known later than its place in the order. */
  public static final class Step {
    private final String what;
    private Runnable undo = () -> {};

    private Step(String what) {
      this.what = what;
    }

    /** Says how it is undone. */
    public void undoneBy(Runnable how) {
      undo = how;
    }
  }

  /** Nothing made yet; the log is told what cannot be undone. */
  public Unwinding(Consumer<String> log) {
    this.log = log;
  }

  /** Adds what will be undone before all that was added so far. */
  public void add(String what, Runnable undo) {
    reserve(what).undoneBy(undo);
  }

  /** Takes the next place in the order for what will be made later; until then it does nothing. */
  public Step reserve(String what) {
    Step step = new Step(what);
    steps.add(step);
    return step;
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
