package dev.casemate.model.json;

/** An immutable JSON value. Equality is by content; the order of an object's members is kept. */
public sealed interface JsonValue
    permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBoolean, JsonNull {
  /** The value as a person calls it: {@code "an object"}, {@code "a number"}. */
  String kind();

  /** The value as one line of JSON. */
  default String toJson() {
    return JsonWriter.compact(this);
  }
}
