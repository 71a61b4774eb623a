package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;

/**
 * The rate of one block device.
 *
 * @param major of the device
 * @param minor of the device
 * @param rate bytes or operations in a second, an unsigned number
 */
public record ThrottleDevice(long major, long minor, long rate) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static ThrottleDevice parse(JsonCursor at) {
    return new ThrottleDevice(
        at.require("major").integer(Long.MIN_VALUE, Long.MAX_VALUE),
        at.require("minor").integer(Long.MIN_VALUE, Long.MAX_VALUE),
        at.require("rate").unsigned());
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("major", major)
        .put("minor", minor)
        .putUnsigned("rate", rate)
        .build();
  }
}
