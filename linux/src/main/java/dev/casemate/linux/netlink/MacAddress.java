package dev.casemate.linux.netlink;

import java.util.HexFormat;

/**
 * A hardware address of six bytes.
 *
 * @param bits the bytes in the low 48 bits, the first one highest
 */
public record MacAddress(long bits) {
  private static final int BYTES = 6;
  private static final HexFormat FORMAT = HexFormat.ofDelimiter(":");

  /** Checks the range. */
  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("a hardware address has 48 bits");
    }
  }

  /**
   * Reads {@code 02:00:00:00:00:01}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static MacAddress parse(String text) {
    byte[] bytes;
    try {
      bytes = FORMAT.parseHex(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a hardware address: " + text, e);
    }
    return of(bytes);
  }

  static MacAddress of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a hardware address has six bytes, not " + bytes.length);
    }
    long bits = 0;
    for (byte b : bytes) {
      bits = (bits << 8) | Byte.toUnsignedLong(b);
    }
    return new MacAddress(bits);
  }

  /** The six bytes. */
  byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bytes[i] = (byte) (bits >>> (8 * (BYTES - 1 - i)));
    }
    return bytes;
  }

  @Override
  public String toString() {
    return FORMAT.formatHex(bytes());
  }
}
