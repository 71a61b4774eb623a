package dev.casemate.model.json;

import java.util.Objects;

/** A JSON string, never with an unpaired surrogate when it comes from the parser. */
public record JsonString(String value) implements JsonValue {
  /** Checks for null. */
  public JsonString {
    Objects.requireNonNull(value, "value is null");
  }

  @Override
  public String kind() {
    return "a string";
  }

  @Override
  public String toString() {
    return toJson();
  }
}
