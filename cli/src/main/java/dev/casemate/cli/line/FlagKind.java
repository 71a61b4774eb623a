package dev.casemate.cli.line;

/** What may follow a flag. */
public enum FlagKind {
  /** Nothing, or {@code =true} or {@code =false}. */
  SWITCH,
  /** One text; given twice, the last one counts. */
  TEXT,
  /** One text each time; all of them count, in order. */
  LIST,
  /** A whole decimal number from {@code Long.MIN_VALUE} to {@code Long.MAX_VALUE}. */
  NUMBER,
  /** A time such as {@code 5s}, {@code 1m30s} or {@code 250ms}. */
  DURATION,
  /** The path of a file or directory; a text, except that shells complete it. */
  PATH;

  /** Whether a value must follow. */
  public boolean takesValue() {
    return this != SWITCH;
  }
}
