package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The offset of a clock in a time namespace.
 *
 * @param secs seconds
 * @param nanosecs nanoseconds
 */
public record TimeOffset(@Nullable Long secs, @Nullable Long nanosecs) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static TimeOffset parse(JsonCursor at) {
    return new TimeOffset(at.optionalLong("secs"), at.optionalUint32("nanosecs"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder().put("secs", secs).put("nanosecs", nanosecs).build();
  }
}
