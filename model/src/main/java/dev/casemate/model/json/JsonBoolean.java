package dev.casemate.model.json;

/** A JSON boolean. */
public enum JsonBoolean implements JsonValue {
  /** The JSON {@code true}. */
  TRUE,
  /** The JSON {@code false}. */
  FALSE;

  /** The constant for a value. */
  public static JsonBoolean of(boolean value) {
    return value ? TRUE : FALSE;
  }

  /** Whether this is {@code true}. */
  public boolean value() {
    return this == TRUE;
  }

  @Override
  public String kind() {
    return "a boolean";
  }

  @Override
  public String toString() {
    return value() ? "true" : "false";
  }
}
