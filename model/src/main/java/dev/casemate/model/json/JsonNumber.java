package dev.casemate.model.json;

import java.util.Objects;

/**
 * A JSON number, kept as it was written, so that 64-bit values (also unsigned ones) lose nothing.
 *
 * @param literal the number as RFC 8259 section 6 spells it
 */
public record JsonNumber(String literal) implements JsonValue {
  /** Checks for null; the spelling is the parser's and the factories' concern. */
  public JsonNumber {
    Objects.requireNonNull(literal, "literal is null");
  }

  /** A signed 64-bit number. */
  public static JsonNumber of(long value) {
    return new JsonNumber(Long.toString(value));
  }

  /** The 64 bits read as an unsigned number. */
  public static JsonNumber ofUnsigned(long bits) {
    return new JsonNumber(Long.toUnsignedString(bits));
  }

  /**
   * A fraction.
   *
   * @throws IllegalArgumentException when it is infinite or not a number
   */
  public static JsonNumber of(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no spelling for " + value);
    }
    return new JsonNumber(Double.toString(value));
  }

  /** Whether it is spelled without fraction and exponent. */
  public boolean isInteger() {
    for (int i = 0; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if (c == '.' || c == 'e' || c == 'E') {
        return false;
      }
    }
    return true;
  }

  @Override
  public String kind() {
    return isInteger() ? "a number" : "a fraction";
  }

  @Override
  public String toString() {
    return literal;
  }
}
