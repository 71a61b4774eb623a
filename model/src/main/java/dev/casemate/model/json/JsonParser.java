package dev.casemate.model.json;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One parse of one document, recursive descent over bytes. Owned by one thread. */
final class JsonParser {
  private static final int END = -1;

  private final byte[] input;
  private final String what;
  private final JsonLimits limits;
  private int at;
  private int depth;

  JsonParser(byte[] input, String what, JsonLimits limits) {
    this.input = input;
    this.what = what;
    this.limits = limits;
  }

  JsonValue parse() {
    if (input.length > limits.bytes()) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "read " + what,
          "it has " + input.length + " bytes, more than the " + limits.bytes() + " that it may",
          "make it smaller");
    }
    skipSpace();
    JsonValue value = value();
    skipSpace();
    if (at < input.length) {
      throw expected("the end of the document");
    }
    return value;
  }

  private JsonValue value() {
    int c = peek();
    return switch (c) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> new JsonString(string());
      case 't' -> literal("true", JsonBoolean.TRUE);
      case 'f' -> literal("false", JsonBoolean.FALSE);
      case 'n' -> literal("null", JsonNull.NULL);
      default -> {
        if (c == '-' || isDigit(c)) {
          yield number();
        }
        throw expected("a value");
      }
    };
  }

  private JsonObject object() {
    enter();
    at++;
    Map<String, JsonValue> members = new LinkedHashMap<>();
    skipSpace();
    if (peek() == '}') {
      at++;
      depth--;
      return JsonObject.EMPTY;
    }
    while (true) {
      if (peek() != '"') {
        throw expected("a member name in quotes");
      }
      int nameAt = at;
      String name = string();
      skipSpace();
      if (peek() != ':') {
        throw expected("':'");
      }
      at++;
      skipSpace();
      if (members.put(name, value()) != null) {
        at = nameAt;
        throw error("the member name is there twice");
      }
      skipSpace();
      int c = peek();
      if (c != ',' && c != '}') {
        throw expected("',' or '}'");
      }
      at++;
      if (c == '}') {
        depth--;
        return new JsonObject(members);
      }
      skipSpace();
    }
  }

  private JsonArray array() {
    enter();
    at++;
    List<JsonValue> elements = new ArrayList<>();
    skipSpace();
    if (peek() == ']') {
      at++;
      depth--;
      return new JsonArray(elements);
    }
    while (true) {
      elements.add(value());
      skipSpace();
      int c = peek();
      if (c != ',' && c != ']') {
        throw expected("',' or ']'");
      }
      at++;
      if (c == ']') {
        depth--;
        return new JsonArray(elements);
      }
      skipSpace();
    }
  }

  private void enter() {
    if (++depth > limits.depth()) {
      throw error("more than " + limits.depth() + " levels of nesting");
    }
  }

  private JsonValue literal(String word, JsonValue value) {
    for (int i = 0; i < word.length(); i++) {
      if (at + i >= input.length || input[at + i] != word.charAt(i)) {
        throw expected("a value");
      }
    }
    at += word.length();
    return value;
  }

  private JsonNumber number() {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      digits();
    }
    if (peek() == '.') {
      at++;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
    }
    return new JsonNumber(new String(input, start, at - start, StandardCharsets.ISO_8859_1));
  }

  private void digits() {
    if (!isDigit(peek())) {
      throw expected("a digit");
    }
    while (isDigit(peek())) {
      at++;
    }
  }

  /** A string; nearly all of them are plain ASCII and cost one pass and one copy. */
  private String string() {
    int start = ++at;
    byte[] bytes = input;
    int i = start;
    while (i < bytes.length) {
      byte b = bytes[i];
      if (b == '"') {
        at = i + 1;
        return new String(bytes, start, i - start, StandardCharsets.ISO_8859_1);
      }
      if (b < ' ' || b == '\\') {
        break;
      }
      i++;
    }
    at = i;
    return unusualString(new StringBuilder(ascii(start, i)));
  }

  private String ascii(int start, int end) {
    return new String(input, start, end - start, StandardCharsets.ISO_8859_1);
  }

  /** The rest of a string from the first escape or non-ASCII byte on. */
  private String unusualString(StringBuilder text) {
    while (true) {
      int start = at;
      while (at < input.length && input[at] != '"' && input[at] != '\\') {
        if (input[at] >= 0 && input[at] < ' ') {
          throw error("a control character in a string must be escaped");
        }
        at++;
      }
      appendUtf8(text, start);
      if (at >= input.length) {
        throw expected("'\"' at the end of the string");
      }
      if (input[at++] == '"') {
        return text.toString();
      }
      appendEscape(text);
    }
  }

  private void appendUtf8(StringBuilder text, int start) {
    if (start == at) {
      return;
    }
    try {
      text.append(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input, start, at - start)));
    } catch (CharacterCodingException e) {
      at = start;
      throw error("the string that goes on here is not UTF-8");
    }
  }

  private void appendEscape(StringBuilder text) {
    int c = peek();
    switch (c) {
      case '"', '\\', '/' -> text.append((char) c);
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'n' -> text.append('\n');
      case 'r' -> text.append('\r');
      case 't' -> text.append('\t');
      case 'u' -> {
        appendUnicode(text);
        return;
      }
      default -> throw expected("one of \" \\ / b f n r t u after a backslash");
    }
    at++;
  }

  private void appendUnicode(StringBuilder text) {
    int escapeAt = at - 1;
    char first = hex4();
    if (!Character.isSurrogate(first)) {
      text.append(first);
      return;
    }
    if (Character.isHighSurrogate(first)
        && peek() == '\\'
        && at + 1 < input.length
        && input[at + 1] == 'u') {
      at++;
      char second = hex4();
      if (Character.isLowSurrogate(second)) {
        text.append(first).append(second);
        return;
      }
    }
    at = escapeAt;
    throw error("half of a surrogate pair");
  }

  /** The four digits after the {@code u} that is next. */
  private char hex4() {
    at++;
    int value = 0;
    for (int i = 0; i < 4; i++) {
      // Not Character.digit alone: it knows digits beyond ASCII, which are no bytes here anyway.
      int digit = Character.digit(peek(), 16);
      if (digit < 0) {
        throw expected("four hexadecimal digits");
      }
      value = value << 4 | digit;
      at++;
    }
    return (char) value;
  }

  private void skipSpace() {
    while (at < input.length) {
      byte b = input[at];
      if (b != ' ' && b != '\n' && b != '\t' && b != '\r') {
        return;
      }
      at++;
    }
  }

  /** The next byte, negative beyond ASCII, or END. */
  private int peek() {
    return at < input.length ? input[at] : END;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private CasemateException expected(String expected) {
    String found;
    if (at >= input.length) {
      found = "the end";
    } else if (input[at] > ' ' && input[at] < 0x7f) {
      found = "'" + (char) input[at] + "'";
    } else {
      found = "byte 0x" + Integer.toHexString(input[at] & 0xff);
    }
    return error("expected " + expected + ", found " + found);
  }

  private CasemateException error(String why) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < at && i < input.length; i++) {
      if (input[i] == '\n') {
        line++;
        column = 1;
      } else if ((input[i] & 0xc0) != 0x80) {
        column++;
      }
    }
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "read " + what,
        "line " + line + ", column " + column + ": " + why,
        "correct it there");
  }
}
