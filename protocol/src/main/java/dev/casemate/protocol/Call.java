package dev.casemate.protocol;

import java.util.Map;
import java.util.OptionalLong;

/**
 * One request as its handler sees it. The handler runs on a thread of its own, which is interrupted
 * when the call is cancelled: by its deadline, or by the end of the connection. Code that blocks
 * where an interrupt does not reach registers a way out with {@link #onCancel}.
 */
public interface Call {
  /** What the client sent beside the request; keys in lower case, the last value of each. */
  Map<String, String> metadata();

  /** Nanoseconds until the deadline, 0 when it has passed; empty when there is none. */
  OptionalLong remainingNanos();

  /** Nobody waits for the answer any more. */
  boolean cancelled();

  /**
   * Runs an action once when the call is cancelled, at once if it already is. The action runs on a
   * thread of the connection, must not block, and is forgotten when the call ends first.
   */
  void onCancel(Runnable action);
}
