package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The weight of one block device.
 *
 * @param major of the device
 * @param minor of the device
 * @param weight 10 to 1000
 * @param leafWeight 10 to 1000
 */
public record WeightDevice(
    long major, long minor, @Nullable Integer weight, @Nullable Integer leafWeight) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static WeightDevice parse(JsonCursor at) {
    return new WeightDevice(
        at.require("major").integer(Long.MIN_VALUE, Long.MAX_VALUE),
        at.require("minor").integer(Long.MIN_VALUE, Long.MAX_VALUE),
        at.optionalInt("weight"),
        at.optionalInt("leafWeight"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("major", major)
        .put("minor", minor)
        .put("weight", weight)
        .put("leafWeight", leafWeight)
        .build();
  }
}
