package dev.casemate.model.json;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place in a document: a value and the way to it, so that a wrong one can be named: {@code
 * linux.resources.memory.limit: expected a number, found a string}. All errors are
 * INVALID_ARGUMENT.
 *
 * <p>A member that is {@code null} counts as absent, as the Go programs that write OCI documents
 * have it.
 */
public final class JsonCursor {
  private static final String CORRECT = "correct the value";

  private final JsonValue value;
  private final @Nullable JsonCursor parent;
  private final String step;

  private JsonCursor(JsonValue value, @Nullable JsonCursor parent, String step) {
    this.value = value;
    this.parent = parent;
    this.step = step;
  }

  /**
   * The document as a whole.
   *
   * @param what names the document in errors: {@code "config.json"}
   */
  public static JsonCursor of(JsonValue document, String what) {
    return new JsonCursor(document, null, what);
  }

  /** What is here. */
  public JsonValue value() {
    return value;
  }

  /** The way here, {@code mounts[2].source}; empty for the document itself. */
  public String path() {
    StringBuilder path = new StringBuilder();
    appendPath(path);
    return path.toString();
  }

  private void appendPath(StringBuilder path) {
    if (parent == null) {
      return;
    }
    parent.appendPath(path);
    if (!path.isEmpty() && !step.startsWith("[")) {
      path.append('.');
    }
    path.append(step);
  }

  private String document() {
    return parent == null ? step : parent.document();
  }

  /** The error that something is wrong here, for the caller to throw. */
  public CasemateException error(String why, String advice) {
    return error(ErrorCode.INVALID_ARGUMENT, why, advice);
  }

  /** The same about a member, whether it is there or not. */
  public CasemateException errorAt(String name, String why, String advice) {
    return new JsonCursor(JsonNull.NULL, this, name).error(why, advice);
  }

  /** The same with another code. */
  public CasemateException error(ErrorCode code, String why, String advice) {
    String path = path();
    return new CasemateException(
        code, "read " + document(), path.isEmpty() ? why : path + ": " + why, advice);
  }

  private CasemateException expected(String expected) {
    return error("expected " + expected + ", found " + value.kind(), CORRECT);
  }

  /** The object that is here. */
  public JsonObject object() {
    if (value instanceof JsonObject object) {
      return object;
    }
    throw expected("an object");
  }

  /** The member of the object here, or null when it is absent. */
  public @Nullable JsonCursor find(String name) {
    JsonValue member = object().get(name);
    return member == null || member == JsonNull.NULL ? null : new JsonCursor(member, this, name);
  }

  /** The member of the object here. */
  public JsonCursor require(String name) {
    JsonCursor member = find(name);
    if (member == null) {
      throw errorAt(name, "it is missing", "add it");
    }
    return member;
  }

  /** The members of the object here, in order, without those that are null. */
  public Map<String, JsonCursor> members() {
    Map<String, JsonCursor> members = new LinkedHashMap<>();
    object()
        .members()
        .forEach((name, member) -> {
          if (member != JsonNull.NULL) {
            members.put(name, new JsonCursor(member, this, name));
          }
        });
    return members;
  }

  /** The elements of the array here. */
  public List<JsonCursor> elements() {
    if (!(value instanceof JsonArray array)) {
      throw expected("an array");
    }
    List<JsonCursor> elements = new ArrayList<>(array.elements().size());
    for (int i = 0; i < array.elements().size(); i++) {
      elements.add(new JsonCursor(array.elements().get(i), this, "[" + i + "]"));
    }
    return elements;
  }

  /** The elements of the array that the member is; none when it is absent. */
  public List<JsonCursor> elements(String name) {
    JsonCursor member = find(name);
    return member == null ? List.of() : member.elements();
  }

  /** The string that is here; one with a NUL is refused, since no syscall could carry it. */
  public String text() {
    if (!(value instanceof JsonString string)) {
      throw expected("a string");
    }
    if (string.value().indexOf('\0') >= 0) {
      throw error("it contains a NUL character", CORRECT);
    }
    return string.value();
  }

  /** The member as a string, or null when it is absent. */
  public @Nullable String text(String name) {
    JsonCursor member = find(name);
    return member == null ? null : member.text();
  }

  /** The member as a string, empty when it is absent. */
  public String textOrEmpty(String name) {
    JsonCursor member = find(name);
    return member == null ? "" : member.text();
  }

  /** The member as strings; none when it is absent. */
  public List<String> texts(String name) {
    JsonCursor member = find(name);
    if (member == null) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (JsonCursor element : member.elements()) {
      texts.add(element.text());
    }
    return Collections.unmodifiableList(texts);
  }

  /** The member as an object of strings, in order; empty when it is absent. */
  public Map<String, String> textMap(String name) {
    JsonCursor member = find(name);
    if (member == null) {
      return Map.of();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    member.members().forEach((key, text) -> texts.put(key, text.text()));
    return Collections.unmodifiableMap(texts);
  }

  /** The boolean that is here. */
  public boolean flag() {
    if (value instanceof JsonBoolean flag) {
      return flag.value();
    }
    throw expected("a boolean");
  }

  /** The member as a boolean, false when it is absent. */
  public boolean flag(String name) {
    JsonCursor member = find(name);
    return member != null && member.flag();
  }

  /** The member as a boolean, or null when it is absent. */
  public @Nullable Boolean optionalFlag(String name) {
    JsonCursor member = find(name);
    return member == null ? null : member.flag();
  }

  /** The integer that is here, which must be in the range. */
  public long integer(long least, long most) {
    String literal = integerLiteral();
    try {
      long number = Long.parseLong(literal);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // More than 64 bits: out of every range.
    }
    throw error(
        "expected a number from " + least + " to " + most + ", found " + shown(literal), CORRECT);
  }

  /** The integer that is here, 0 to 2^64-1, as 64 bits to be read as unsigned. */
  public long unsigned() {
    String literal = integerLiteral();
    try {
      return Long.parseUnsignedLong(literal);
    } catch (NumberFormatException e) {
      throw error("expected a number from 0 to 2^64-1, found " + shown(literal), CORRECT);
    }
  }

  private String integerLiteral() {
    if (value instanceof JsonNumber number && number.isInteger()) {
      return number.literal();
    }
    throw expected("a number");
  }

  private static String shown(String literal) {
    return literal.length() <= 24 ? literal : literal.substring(0, 24) + "…";
  }

  /** The member as a signed 64-bit integer, or null when it is absent. */
  public @Nullable Long optionalLong(String name) {
    JsonCursor member = find(name);
    return member == null ? null : (Long) member.integer(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** The member as an unsigned 64-bit integer, or null when it is absent. */
  public @Nullable Long optionalUnsigned(String name) {
    JsonCursor member = find(name);
    return member == null ? null : (Long) member.unsigned();
  }

  /** The member as a signed 32-bit integer, or null when it is absent. */
  public @Nullable Integer optionalInt(String name) {
    JsonCursor member = find(name);
    return member == null ? null : (Integer) member.int32();
  }

  /** The integer that is here, as 32 signed bits. */
  public int int32() {
    return (int) integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** The member as an integer of 0 to 2^32-1, or null when it is absent. */
  public @Nullable Long optionalUint32(String name) {
    JsonCursor member = find(name);
    return member == null ? null : (Long) member.uint32();
  }

  /** The integer that is here, 0 to 2^32-1. */
  public long uint32() {
    return integer(0, 0xffff_ffffL);
  }
}
