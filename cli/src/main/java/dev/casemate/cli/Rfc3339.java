package dev.casemate.cli;

/**
 * Times as log lines carry them. By hand, since the first use of java.time's formatters costs an
 * interpreted JVM tens of milliseconds.
 */
final class Rfc3339 {
  private static final long SECONDS_A_DAY = 86_400;

  private Rfc3339() {}

  /** Milliseconds since 1970 as {@code 2026-11-27T09:34:49Z}; years 0 to 9999. */
  static String seconds(long epochMillis) {
    long epochSeconds = Math.floorDiv(epochMillis, 1000L);
    long days = Math.floorDiv(epochSeconds, SECONDS_A_DAY);
    int second = (int) Math.floorMod(epochSeconds, SECONDS_A_DAY);
    // Days are counted from 1 March of year 0, which puts the leap day at a year's end.
    long shifted = days + 719_468;
    long era = Math.floorDiv(shifted, 146_097L);
    int dayOfEra = (int) Math.floorMod(shifted, 146_097L);
    int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int monthFromMarch = (5 * dayOfYear + 2) / 153;
    int day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
    int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
    long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    StringBuilder out = new StringBuilder(20);
    pad(out, year, 4).append('-');
    pad(out, month, 2).append('-');
    pad(out, day, 2).append('T');
    pad(out, second / 3600, 2).append(':');
    pad(out, second / 60 % 60, 2).append(':');
    return pad(out, second % 60, 2).append('Z').toString();
  }

  private static StringBuilder pad(StringBuilder out, long number, int width) {
    String digits = Long.toString(number);
    return out.repeat('0', Math.max(0, width - digits.length())).append(digits);
  }
}
