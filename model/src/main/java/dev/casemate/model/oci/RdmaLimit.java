package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The limits on one RDMA device.
 *
 * @param hcaHandles handles
 * @param hcaObjects objects
 */
public record RdmaLimit(@Nullable Long hcaHandles, @Nullable Long hcaObjects) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static RdmaLimit parse(JsonCursor at) {
    return new RdmaLimit(at.optionalUint32("hcaHandles"), at.optionalUint32("hcaObjects"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder().put("hcaHandles", hcaHandles).put("hcaObjects", hcaObjects).build();
  }
}
