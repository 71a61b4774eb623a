package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What a container may do with devices; the last rule that fits wins.
 *
 * @param allow whether to allow or to deny
 * @param type {@code a} (all), {@code c} or {@code b}; null means all
 * @param major the major number, or null for all
 * @param minor the minor number, or null for all
 * @param access out of {@code rwm}; null means all of them
 */
public record DeviceRule(
    boolean allow,
    @Nullable String type,
    @Nullable Long major,
    @Nullable Long minor,
    @Nullable String access) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static DeviceRule parse(JsonCursor at) {
    return new DeviceRule(
        at.flag("allow"),
        at.text("type"),
        at.optionalLong("major"),
        at.optionalLong("minor"),
        at.text("access"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("allow", allow)
        .put("type", type)
        .put("major", major)
        .put("minor", minor)
        .put("access", access)
        .build();
  }
}
