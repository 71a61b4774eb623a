package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;

/**
 * The limit on huge pages of one size.
 *
 * @param pageSize as {@code 2MB}
 * @param limit bytes, an unsigned number
 */
public record HugepageLimit(String pageSize, long limit) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static HugepageLimit parse(JsonCursor at) {
    return new HugepageLimit(at.require("pageSize").text(), at.require("limit").unsigned());
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder().put("pageSize", pageSize).putUnsigned("limit", limit).build();
  }
}
