package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one argument of a system call.
 *
 * @param index which argument, 0 to 5
 * @param value the value to compare with, unsigned
 * @param valueTwo a second value, for SCMP_CMP_MASKED_EQ
 * @param op the comparison, {@code SCMP_CMP_EQ}
 */
public record SeccompArgument(long index, long value, @Nullable Long valueTwo, String op) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static SeccompArgument parse(JsonCursor at) {
    return new SeccompArgument(
        at.require("index").uint32(),
        at.require("value").unsigned(),
        at.optionalUnsigned("valueTwo"),
        at.require("op").text());
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("index", index)
        .putUnsigned("value", value)
        .putUnsigned("valueTwo", valueTwo)
        .put("op", op)
        .build();
  }
}
