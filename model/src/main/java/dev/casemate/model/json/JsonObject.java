package dev.casemate.model.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object; its members keep their order, which equality ignores. */
public record JsonObject(Map<String, JsonValue> members) implements JsonValue {
  /** The object without members. */
  public static final JsonObject EMPTY = new JsonObject(Map.of());

  /** Copies the map in its order. */
  public JsonObject {
    members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
  }

  /** The member, or null when there is none. */
  public @Nullable JsonValue get(String name) {
    return members.get(name);
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String kind() {
    return "an object";
  }

  @Override
  public String toString() {
    return toJson();
  }

  /**
   * Collects members in order. Owned by one thread. A null value means that the member is left out,
   * which is how optional fields are written.
   */
  public static final class Builder {
    private final Map<String, JsonValue> members = new LinkedHashMap<>();

    private Builder() {}

    /** Adds a member unless the value is null. */
    public Builder put(String name, @Nullable JsonValue value) {
      if (value != null) {
        members.put(name, value);
      }
      return this;
    }

    /** Adds a string unless it is null. */
    public Builder put(String name, @Nullable String value) {
      return value == null ? this : put(name, new JsonString(value));
    }

    /** Adds a signed number unless it is null. */
    public Builder put(String name, @Nullable Long value) {
      return value == null ? this : put(name, JsonNumber.of(value));
    }

    /** Adds a signed number unless it is null. */
    public Builder put(String name, @Nullable Integer value) {
      return value == null ? this : put(name, JsonNumber.of(value.longValue()));
    }

    /** Adds a boolean unless it is null. */
    public Builder put(String name, @Nullable Boolean value) {
      return value == null ? this : put(name, JsonBoolean.of(value));
    }

    /** Adds the 64 bits as an unsigned number unless they are null. */
    public Builder putUnsigned(String name, @Nullable Long bits) {
      return bits == null ? this : put(name, JsonNumber.ofUnsigned(bits));
    }

    /** Adds {@code true}, or nothing for {@code false}. */
    public Builder putFlag(String name, boolean value) {
      return value ? put(name, JsonBoolean.TRUE) : this;
    }

    /** Adds an array of strings unless it is empty. */
    public Builder putStrings(String name, List<String> values) {
      return values.isEmpty() ? this : put(name, JsonArray.ofStrings(values));
    }

    /** Adds an object of strings unless it is empty. */
    public Builder putStrings(String name, Map<String, String> values) {
      if (values.isEmpty()) {
        return this;
      }
      Builder object = builder();
      values.forEach(object::put);
      return put(name, object.build());
    }

    /** Adds an array unless it is empty. */
    public Builder putArray(String name, List<? extends JsonValue> values) {
      return values.isEmpty() ? this : put(name, new JsonArray(List.copyOf(values)));
    }

    /** Whether nothing was added. */
    public boolean isEmpty() {
      return members.isEmpty();
    }

    /** The object. */
    public JsonObject build() {
      return new JsonObject(members);
    }
  }
}
