package dev.casemate.model;

/**
 * A number of bytes.
 *
 * @param bytes 0 to 2^63-1
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
  private static final long KIBI = 1L << 10;
  private static final long MEBI = 1L << 20;
  private static final long GIBI = 1L << 30;
  private static final long TEBI = 1L << 40;

  /** Checks the range. */
  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size of " + bytes + " bytes");
    }
  }

  /** So many MiB. */
  public static DataSize ofMebibytes(long mebibytes) {
    return new DataSize(Math.multiplyExact(mebibytes, MEBI));
  }

  /** Whole MiB, rounded down. */
  public long mebibytes() {
    return bytes / MEBI;
  }

  /** The same, rounded up to whole MiB. */
  public DataSize roundedUpToMebibyte() {
    return ofMebibytes(bytes / MEBI + (bytes % MEBI == 0 ? 0 : 1));
  }

  /**
   * Reads a whole number with an optional unit: {@code 2048}, {@code 64k}, {@code 512MiB}, {@code
   * 2g}. Units are powers of 1024 in all their spellings, as in {@code docker run --memory}.
   *
   * @throws CasemateException INVALID_ARGUMENT when it is none or exceeds 2^63-1 bytes
   */
  public static DataSize parse(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    String unit = text.substring(digits).strip();
    long factor = factor(unit);
    if (digits == 0 || factor == 0) {
      throw invalid(text, "it is not a number with a unit");
    }
    try {
      return new DataSize(Math.multiplyExact(Long.parseLong(text.substring(0, digits)), factor));
    } catch (NumberFormatException | ArithmeticException e) {
      throw invalid(text, "it is too large");
    }
  }

  private static long factor(String unit) {
    return switch (unit) {
      case "", "b", "B" -> 1;
      case "k", "K", "kb", "KB", "kB", "KiB" -> KIBI;
      case "m", "M", "mb", "MB", "MiB" -> MEBI;
      case "g", "G", "gb", "GB", "GiB" -> GIBI;
      case "t", "T", "tb", "TB", "TiB" -> TEBI;
      default -> 0;
    };
  }

  private static CasemateException invalid(String text, String why) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "read the size " + Ids.quoted(text),
        why,
        "write it as 536870912, 512m or 512MiB");
  }

  @Override
  public int compareTo(DataSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** The number with the largest unit that divides it: {@code 512 MiB}; parses back. */
  @Override
  public String toString() {
    if (bytes == 0 || bytes % KIBI != 0) {
      return bytes + " B";
    }
    if (bytes % MEBI != 0) {
      return bytes / KIBI + " KiB";
    }
    if (bytes % GIBI != 0) {
      return bytes / MEBI + " MiB";
    }
    return bytes % TEBI != 0 ? bytes / GIBI + " GiB" : bytes / TEBI + " TiB";
  }
}
