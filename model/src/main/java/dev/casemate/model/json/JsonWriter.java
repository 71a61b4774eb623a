package dev.casemate.model.json;

import java.util.List;
import java.util.Map;

/** Writes trees; the result is pure JSON that every reader understands. */
public final class JsonWriter {
  private static final String HEX = "0123456789abcdef";

  private final StringBuilder out = new StringBuilder();
  private final boolean pretty;

  private JsonWriter(boolean pretty) {
    this.pretty = pretty;
  }

  /** One line, no spaces, no line break at the end. */
  public static String compact(JsonValue value) {
    JsonWriter writer = new JsonWriter(false);
    writer.write(value, 0);
    return writer.out.toString();
  }

  /** Indented by two spaces, no line break at the end. */
  public static String pretty(JsonValue value) {
    JsonWriter writer = new JsonWriter(true);
    writer.write(value, 0);
    return writer.out.toString();
  }

  /** Text in JSON's quotes; unpaired surrogates become U+FFFD. */
  public static String quoted(String text) {
    JsonWriter writer = new JsonWriter(false);
    writer.string(text);
    return writer.out.toString();
  }

  private void write(JsonValue value, int indent) {
    // No switch over patterns: linking one costs an interpreted JVM more than all the writing.
    if (value instanceof JsonString text) {
      string(text.value());
    } else if (value instanceof JsonArray array) {
      array(array.elements(), indent);
    } else if (value instanceof JsonObject object) {
      object(object.members(), indent);
    } else {
      out.append(value);
    }
  }

  private void array(List<JsonValue> elements, int indent) {
    out.append('[');
    boolean first = true;
    for (JsonValue element : elements) {
      separate(first, indent + 1);
      first = false;
      write(element, indent + 1);
    }
    if (!first) {
      lineBreak(indent);
    }
    out.append(']');
  }

  private void object(Map<String, JsonValue> members, int indent) {
    out.append('{');
    boolean first = true;
    for (Map.Entry<String, JsonValue> member : members.entrySet()) {
      separate(first, indent + 1);
      first = false;
      string(member.getKey());
      out.append(pretty ? ": " : ":");
      write(member.getValue(), indent + 1);
    }
    if (!first) {
      lineBreak(indent);
    }
    out.append('}');
  }

  private void separate(boolean first, int indent) {
    if (!first) {
      out.append(',');
    }
    lineBreak(indent);
  }

  private void lineBreak(int indent) {
    if (pretty) {
      out.append('\n');
      out.repeat(' ', 2 * indent);
    }
  }

  private void string(String text) {
    out.append('"');
    int plain = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\' && !Character.isSurrogate(c)) {
        continue;
      }
      out.append(text, plain, i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        out.append(c).append(text.charAt(++i));
      } else {
        escape(c);
      }
      plain = i + 1;
    }
    out.append(text, plain, text.length()).append('"');
  }

  private void escape(char c) {
    switch (c) {
      case '"', '\\' -> out.append('\\').append(c);
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (Character.isSurrogate(c)) {
          out.append('\ufffd');
        } else {
          out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
        }
      }
    }
  }
}
