package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;

/**
 * The size of a terminal in characters.
 *
 * @param height the rows
 * @param width the columns
 */
public record ConsoleSize(long height, long width) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static ConsoleSize parse(JsonCursor at) {
    return new ConsoleSize(at.require("height").uint32(), at.require("width").uint32());
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder().put("height", height).put("width", width).build();
  }
}
