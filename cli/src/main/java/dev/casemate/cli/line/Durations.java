package dev.casemate.cli.line;

/** Times as Go writes them, which is what callers of a runtime write: {@code 1h2m3s}. */
final class Durations {
  /** No wait of this program is longer than a year; it keeps the sum far from overflow. */
  private static final long LONGEST_MILLIS = 365L * 24 * 60 * 60 * 1000;

  private Durations() {}

  /** The time in milliseconds, or -1 when the text is not one. */
  static long millis(String text) {
    long sum = 0;
    int at = 0;
    while (at < text.length()) {
      int start = at;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        at++;
      }
      if (at == start || at - start > 12) {
        return -1;
      }
      long number = Long.parseLong(text, start, at, 10);
      int unitStart = at;
      while (at < text.length() && text.charAt(at) >= 'a' && text.charAt(at) <= 'z') {
        at++;
      }
      long unit = unitMillis(text.substring(unitStart, at));
      if (unit == 0 || number > LONGEST_MILLIS / unit) {
        return -1;
      }
      sum += number * unit;
      if (sum > LONGEST_MILLIS) {
        return -1;
      }
    }
    return text.isEmpty() ? -1 : sum;
  }

  private static long unitMillis(String unit) {
    return switch (unit) {
      case "ms" -> 1;
      case "s" -> 1000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      default -> 0;
    };
  }
}
