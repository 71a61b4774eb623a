package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A device node to make in the container (runtime-spec, config-linux, "Devices").
 *
 * @param path where in the container, absolute
 * @param type {@code c}, {@code b}, {@code u} or {@code p}, as mknod(1) has them
 * @param major its major number, which only a FIFO ({@code p}) lacks
 * @param minor its minor number, which only a FIFO lacks
 * @param fileMode its permissions, or null for the default
 * @param uid its owner, or null
 * @param gid its group, or null
 */
public record Device(
    String path,
    String type,
    @Nullable Long major,
    @Nullable Long minor,
    @Nullable Long fileMode,
    @Nullable Long uid,
    @Nullable Long gid) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static Device parse(JsonCursor at) {
    Device parsed =
        new Device(
            at.require("path").text(),
            at.require("type").text(),
            at.optionalLong("major"),
            at.optionalLong("minor"),
            at.optionalUint32("fileMode"),
            at.optionalUint32("uid"),
            at.optionalUint32("gid"));
    if (!parsed.path.startsWith("/")) {
      throw at.require("path").error("it is not absolute", "write the whole path");
    }
    switch (parsed.type) {
      case "c", "b", "u", "p" -> {}
      default -> throw at.require("type").error("it is no type of device", "use c, b, u or p");
    }
    return parsed;
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("path", path)
        .put("type", type)
        .put("major", major)
        .put("minor", minor)
        .put("fileMode", fileMode)
        .put("uid", uid)
        .put("gid", gid)
        .build();
  }
}
