package dev.casemate.host.control;

import dev.casemate.model.json.JsonCursor;

/** A received message: its kind and what it carries. */
public record Message(String kind, JsonCursor content) {
  /** A failure, by code and texts. */
  public static final String ERROR = "error";

  /** To the monitor: make a container ({@link CreateRequest}). */
  public static final String CREATE = "create";

  /**
   * From the monitor: spawn the stand-in, for a first process in that place ({@link StandInPlace}),
   * for a further one with these FIFOs ({@link StandInFifos}).
   */
  public static final String READY = "ready";

  /** To the monitor: the stand-in's process id. */
  public static final String STAND_IN = "standIn";

  /** From the monitor: the container or process is there. */
  public static final String DONE = "done";

  /** To the monitor: the caller knows it, and the container shall stay. */
  public static final String COMMIT = "commit";

  /** The content as an error to throw. */
  public dev.casemate.model.CasemateException error() {
    return ErrorText.parse(content);
  }

  /** Whether it is of that kind. */
  public boolean is(String wanted) {
    return kind.equals(wanted);
  }
}
