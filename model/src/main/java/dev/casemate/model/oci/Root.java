package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;

/**
 * The container's root file system (runtime-spec, config, "Root").
 *
 * @param path absolute, or relative to the bundle; not empty
 * @param readonly whether the container may not write to it
 */
public record Root(String path, boolean readonly) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static Root parse(JsonCursor at) {
    Root parsed = new Root(at.require("path").text(), at.flag("readonly"));
    if (parsed.path.isEmpty()) {
      throw at.require("path").error("it is empty", "name the root file system");
    }
    return parsed;
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder().put("path", path).putFlag("readonly", readonly).build();
  }

  /** The same with another path. */
  public Root withPath(String other) {
    return new Root(other, readonly);
  }
}
