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

  /** The number of letters to insert, remove, replace or swap with their neighbour. */
  private static int distance(String left, String right) {
    if (left.length() > 64) {
      return Integer.MAX_VALUE;
    }
    int[][] rows = new int[left.length() + 1][right.length() + 1];
    for (int i = 0; i <= left.length(); i++) {
      for (int j = 0; j <= right.length(); j++) {
        rows[i][j] = i == 0 || j == 0 ? i + j : cheapest(rows, left, right, i, j);
      }
    }
    return rows[left.length()][right.length()];
  }

  private static int cheapest(int[][] rows, String left, String right, int i, int j) {
    boolean same = left.charAt(i - 1) == right.charAt(j - 1);
    int cost = rows[i - 1][j - 1] + (same ? 0 : 1);
    cost = Math.min(cost, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
    boolean swapped =
        i > 1
            && j > 1
            && left.charAt(i - 1) == right.charAt(j - 2)
            && left.charAt(i - 2) == right.charAt(j - 1);
    return swapped ? Math.min(cost, rows[i - 2][j - 2] + 1) : cost;
  }
}
