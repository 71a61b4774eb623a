package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;

/**
 * A range of user or group ids (runtime-spec, config-linux, "User namespace mappings").
 *
 * @param containerId the first id inside, 0 to 2^32-1
 * @param hostId the first id outside, 0 to 2^32-1
 * @param size how many ids, 0 to 2^32-1
 */
public record IdMapping(long containerId, long hostId, long size) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static IdMapping parse(JsonCursor at) {
    return new IdMapping(
        at.require("containerID").uint32(),
        at.require("hostID").uint32(),
        at.require("size").uint32());
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("containerID", containerId)
        .put("hostID", hostId)
        .put("size", size)
        .build();
  }
}
