package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;

/**
 * The limit of the pids controller.
 *
 * @param limit the most processes and threads; 0 or less for no limit
 */
public record PidsLimit(long limit) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static PidsLimit parse(JsonCursor at) {
    return new PidsLimit(at.require("limit").integer(Long.MIN_VALUE, Long.MAX_VALUE));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder().put("limit", limit).build();
  }
}
