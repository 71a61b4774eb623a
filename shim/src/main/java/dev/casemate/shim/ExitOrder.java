package dev.casemate.shim;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the end of a process behind its start: a process may end before the request that starts it
 * is through. Thread-safe; what is run here must not wait.
 */
final class ExitOrder {
  private boolean starting;
  private @Nullable Runnable end;

  /** A start is under way. */
  synchronized void begin() {
    starting = true;
  }

  /**
   * The start is through.
   *
   * @param announcement tells of it, before the end is told if that has come
   */
  synchronized void settle(Runnable announcement) {
    announcement.run();
    starting = false;
    if (end != null) {
      end.run();
      end = null;
    }
  }

  /** The end has come: told now, or when the start is through. */
  synchronized void end(Runnable announcement) {
    if (starting) {
      end = announcement;
    } else {
      announcement.run();
    }
  }
}
