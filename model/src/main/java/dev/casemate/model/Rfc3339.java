package dev.casemate.model;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;

/**
 * Times in UTC as records and log lines carry them (RFC 3339), years 0 to 9999. By hand, since the
 * first use of java.time's formatters costs an interpreted JVM several milliseconds.
 */
public final class Rfc3339 {
  private static final int SECONDS_A_DAY = 86_400;
  private static final int NANOS_A_SECOND = 1_000_000_000;

  /** Behind {@code 2026-11-27T09:34:49}. */
  private static final int SECONDS_END = 19;

  /** Where the Z is behind nine digits of the second. */
  private static final int MOST_LENGTH = SECONDS_END + 10;

  private Rfc3339() {}

  /**
   * A time with as many digits of the second as it has, in threes, as {@link Instant} prints it.
   */
  public static String text(Instant time) {
    StringBuilder out = toTheSecond(time.getEpochSecond());
    int nanos = time.getNano();
    if (nanos != 0) {
      int digits = nanos % 1_000_000 == 0 ? 3 : nanos % 1000 == 0 ? 6 : 9;
      out.append('.');
      pad(out, nanos / (NANOS_A_SECOND / powerOfTen(digits)), digits);
    }
    return out.append('Z').toString();
  }

  /** Milliseconds since 1970 to the second: {@code 2026-11-27T09:34:49Z}. */
  public static String seconds(long epochMillis) {
    return toTheSecond(Math.floorDiv(epochMillis, 1000L)).append('Z').toString();
  }

  private static StringBuilder toTheSecond(long epochSecond) {
    LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(epochSecond, (long) SECONDS_A_DAY));
    int second = Math.floorMod(epochSecond, SECONDS_A_DAY);
    StringBuilder out = new StringBuilder(30);
    pad(out, day.getYear(), 4).append('-');
    pad(out, day.getMonthValue(), 2).append('-');
    pad(out, day.getDayOfMonth(), 2).append('T');
    pad(out, second / 3600, 2).append(':');
    pad(out, second / 60 % 60, 2).append(':');
    return pad(out, second % 60, 2);
  }

  private static StringBuilder pad(StringBuilder out, int number, int width) {
    String digits = Integer.toString(number);
    return out.repeat('0', Math.max(0, width - digits.length())).append(digits);
  }

  private static int powerOfTen(int exponent) {
    int power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= 10;
    }
    return power;
  }

  /**
   * Reads a time as {@link #text} writes it.
   *
   * @throws DateTimeException for any other text
   */
  public static Instant parse(String text) {
    int end = text.length() - 1;
    if (end < SECONDS_END || end > MOST_LENGTH || !hasSigns(text, end)) {
      throw new DateTimeException("'" + text + "' is no time");
    }
    long day =
        LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)).toEpochDay();
    long second = below(24, text, 11) * 3600L + below(60, text, 14) * 60L + below(60, text, 17);
    int digits = end - SECONDS_END - 1;
    int nanos =
        digits < 1 ? 0 : number(text, SECONDS_END + 1, end) * (NANOS_A_SECOND / powerOfTen(digits));
    return Instant.ofEpochSecond(day * SECONDS_A_DAY + second, nanos);
  }

  private static boolean hasSigns(String text, int end) {
    return text.charAt(4) == '-'
        && text.charAt(7) == '-'
        && text.charAt(10) == 'T'
        && text.charAt(13) == ':'
        && text.charAt(16) == ':'
        && text.charAt(end) == 'Z'
        && (end == SECONDS_END || (text.charAt(SECONDS_END) == '.' && end > SECONDS_END + 1));
  }

  private static int below(int bound, String text, int from) {
    int number = number(text, from, from + 2);
    if (number >= bound) {
      throw new DateTimeException("'" + text + "' is no time");
    }
    return number;
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        throw new DateTimeException("'" + text + "' is no time");
      }
      number = number * 10 + (digit - '0');
    }
    return number;
  }
}
