package dev.casemate.cli;

/**
 * What was found out about one need of this host.
 *
 * @param subject what is needed, at most 15 characters
 * @param found what was found, or why not
 * @param advice what to do; empty when nothing is
 */
record Finding(Verdict verdict, String subject, String found, String advice) {
  /** How good it is. */
  enum Verdict {
    /** As it should be. */
    GOOD,
    /** It works, slowly. */
    SLOW,
    /** Nothing runs without it. */
    MISSING
  }

  static Finding good(String subject, String found) {
    return new Finding(Verdict.GOOD, subject, found, "");
  }

  static Finding missing(String subject, String found, String advice) {
    return new Finding(Verdict.MISSING, subject, found, advice);
  }
}
