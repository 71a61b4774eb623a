package dev.casemate.cli.line;

import org.jspecify.annotations.Nullable;

/** Everything that {@code casemate} can be told to do, in the order of the help text. */
public enum Verb {
  /** Boots a machine and prepares the container in it. */
  CREATE("create"),
  /** Runs the program of a created container. */
  START("start"),
  /** Prints the state. */
  STATE("state"),
  /** Sends a signal. */
  KILL("kill"),
  /** Removes a container. */
  DELETE("delete"),
  /** Runs a further process. */
  EXEC("exec"),
  /** Create, start, wait and delete in one; with an image, for people. */
  RUN("run"),
  /** Lists containers. */
  LIST("list"),
  /** Lists processes. */
  PS("ps"),
  /** Stops the clock of a container. */
  PAUSE("pause"),
  /** Undoes {@link #PAUSE}. */
  RESUME("resume"),
  /** Changes limits. */
  UPDATE("update"),
  /** Prints statistics and out-of-memory notices. */
  EVENTS("events"),
  /** Writes a starting configuration. */
  SPEC("spec"),
  /** Prints what the runtime can do. */
  FEATURES("features"),
  /** Refused: there is nothing to checkpoint with. */
  CHECKPOINT("checkpoint"),
  /** Refused, like {@link #CHECKPOINT}. */
  RESTORE("restore"),
  /** Looks whether this host can run machines. */
  CHECK("check"),
  /** Prints the effective configuration. */
  CONFIG("config"),
  /** Prints help. */
  HELP("help"),
  /** Hidden: prints a completion script. */
  COMPLETION("completion"),
  /** Hidden: writes the manual pages. */
  MAN("man"),
  /** Hidden: records what an AOT cache shall hold. */
  REHEARSE("rehearse"),
  /** Hidden: the process that owns a sandbox. */
  MONITOR("monitor");

  private static final Verb[] ALL = values();

  private final String text;

  Verb(String text) {
    this.text = text;
  }

  /** The word on the command line. */
  public String text() {
    return text;
  }

  /** Whether the verb is left out of help and completion. */
  public boolean hidden() {
    return this == COMPLETION || this == MAN || this == REHEARSE || this == MONITOR;
  }

  /** The verb that a word names, or null. {@code h} is short for {@code help}. */
  static @Nullable Verb named(String word) {
    for (Verb verb : ALL) {
      if (verb.text.equals(word)) {
        return verb;
      }
    }
    return word.equals("h") ? HELP : null;
  }
}
