package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;

/**
 * The execution domain, personality(2).
 *
 * @param domain {@code LINUX} or {@code LINUX32}
 * @param flags none are defined
 */
public record Personality(String domain, List<String> flags) {
  /** Copies what is mutable. */
  public Personality {
    flags = List.copyOf(flags);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static Personality parse(JsonCursor at) {
    return new Personality(at.require("domain").text(), at.texts("flags"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder().put("domain", domain).putStrings("flags", flags).build();
  }
}
