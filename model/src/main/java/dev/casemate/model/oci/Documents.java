package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonNumber;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How the records read and write members that are records, lists or maps themselves. */
final class Documents {
  private Documents() {}

  static <T> @Nullable T optional(JsonCursor at, String name, Function<JsonCursor, T> parse) {
    JsonCursor member = at.find(name);
    return member == null ? null : parse.apply(member);
  }

  static <T> List<T> list(JsonCursor at, String name, Function<JsonCursor, T> parse) {
    List<JsonCursor> elements = at.elements(name);
    List<T> list = new ArrayList<>(elements.size());
    for (JsonCursor element : elements) {
      list.add(parse.apply(element));
    }
    return list;
  }

  static <T> Map<String, T> map(JsonCursor at, String name, Function<JsonCursor, T> parse) {
    JsonCursor member = at.find(name);
    if (member == null) {
      return Map.of();
    }
    Map<String, T> map = new LinkedHashMap<>();
    member.members().forEach((key, value) -> map.put(key, parse.apply(value)));
    return map;
  }

  static @Nullable JsonObject passThrough(JsonCursor at, String name) {
    JsonCursor member = at.find(name);
    return member == null ? null : member.object();
  }

  static long uint32OrZero(JsonCursor at, String name) {
    JsonCursor member = at.find(name);
    return member == null ? 0 : member.uint32();
  }

  static List<Long> uint32s(JsonCursor at, String name) {
    return list(at, name, JsonCursor::uint32);
  }

  static List<JsonValue> numbers(List<Long> values) {
    List<JsonValue> numbers = new ArrayList<>(values.size());
    for (long value : values) {
      numbers.add(JsonNumber.of(value));
    }
    return numbers;
  }

  static <T> List<JsonObject> array(List<T> values, Function<T, JsonObject> write) {
    List<JsonObject> array = new ArrayList<>(values.size());
    for (T value : values) {
      array.add(write.apply(value));
    }
    return array;
  }

  /** The object, or null (to be left out) when the map is empty. */
  static <T> @Nullable JsonObject object(Map<String, T> values, Function<T, JsonObject> write) {
    if (values.isEmpty()) {
      return null;
    }
    JsonObject.Builder object = JsonObject.builder();
    values.forEach((key, value) -> object.put(key, write.apply(value)));
    return object.build();
  }

  /** An unmodifiable copy in the same order. */
  static <T> Map<String, T> copy(Map<String, T> map) {
    return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
