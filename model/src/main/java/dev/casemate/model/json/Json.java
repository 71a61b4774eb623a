package dev.casemate.model.json;

import java.nio.charset.StandardCharsets;

/** The way from text to a tree. */
public final class Json {
  private Json() {}

  /**
   * Parses one document.
   *
   * @param input UTF-8 without a byte order mark
   * @param what names the document in errors: {@code "config.json"}
   * @throws dev.casemate.model.CasemateException INVALID_ARGUMENT with line, column and what was
   *     expected; also for duplicate member names, which different readers would understand
   *     differently, and for what exceeds the limits
   */
  public static JsonValue parse(byte[] input, String what, JsonLimits limits) {
    return new JsonParser(input, what, limits).parse();
  }

  /** The same for text. */
  public static JsonValue parse(String input, String what, JsonLimits limits) {
    return parse(input.getBytes(StandardCharsets.UTF_8), what, limits);
  }

  /** Parses a document that must be an object. */
  public static JsonObject parseObject(byte[] input, String what, JsonLimits limits) {
    return JsonCursor.of(parse(input, what, limits), what).object();
  }

  /** The same for text. */
  public static JsonObject parseObject(String input, String what, JsonLimits limits) {
    return parseObject(input.getBytes(StandardCharsets.UTF_8), what, limits);
  }
}
