package dev.casemate.cli.line;

import java.util.List;

/** Finds the name that somebody most likely meant. Loaded only when a name was wrong. */
final class Nearest {
  private Nearest() {}

  static String flag(String wrong, List<Flag> flags) {
    String best = "";
    int bestDistance = tolerated(wrong);
    for (Flag flag : flags) {
      int distance = distance(wrong, flag.name());
      if (distance <= bestDistance) {
        best = flag.name();
        bestDistance = distance - 1;
      }
    }
    return best;
  }

  static String verb(String wrong) {
    String best = "";
    int bestDistance = tolerated(wrong);
    for (Verb verb : Verb.values()) {
      int distance = distance(wrong, verb.text());
      if (!verb.hidden() && distance <= bestDistance) {
        best = verb.text();
        bestDistance = distance - 1;
      }
    }
    return best;
  }

  /** A third of the letters may be wrong, and always one. */
  private static int tolerated(String wrong) {
    return Math.max(1, Math.min(wrong.length(), 64) / 3);
  }

  /** The number of letters to insert, remove or replace (Levenshtein). */
  private static int distance(String left, String right) {
    if (left.length() > 64) {
      return Integer.MAX_VALUE;
    }
    int[] previous = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int[] current = new int[right.length() + 1];
      current[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int replaced = previous[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[right.length()];
  }
}
