package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mount (runtime-spec, config, "Mounts"), in the order in which they are made.
 *
 * @param destination where in the container; a relative one is relative to {@code /}
 * @param type a file system of the kernel, or {@code bind}
 * @param source a device, a file or a directory, or just a name
 * @param options as mount(8) has them, plus the runtime-spec's own
 * @param uidMappings for idmapped mounts
 * @param gidMappings for idmapped mounts
 */
public record Mount(
    String destination,
    @Nullable String type,
    @Nullable String source,
    List<String> options,
    List<IdMapping> uidMappings,
    List<IdMapping> gidMappings) {
  /** Copies what is mutable. */
  public Mount {
    options = List.copyOf(options);
    uidMappings = List.copyOf(uidMappings);
    gidMappings = List.copyOf(gidMappings);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static Mount parse(JsonCursor at) {
    Mount parsed =
        new Mount(
            at.require("destination").text(),
            at.text("type"),
            at.text("source"),
            at.texts("options"),
            Documents.list(at, "uidMappings", IdMapping::parse),
            Documents.list(at, "gidMappings", IdMapping::parse));
    if (parsed.destination.isEmpty()) {
      throw at.require("destination").error("it is empty", "name where to mount");
    }
    return parsed;
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("destination", destination)
        .put("type", type)
        .put("source", source)
        .putStrings("options", options)
        .putArray("uidMappings", Documents.array(uidMappings, IdMapping::toJson))
        .putArray("gidMappings", Documents.array(gidMappings, IdMapping::toJson))
        .build();
  }

  /** Whether a file or directory is bound, either by type or by option. */
  public boolean isBind() {
    return "bind".equals(type) || options.contains("bind") || options.contains("rbind");
  }

  /** Whether the mount may not be written to. */
  public boolean isReadOnly() {
    return options.lastIndexOf("ro") > options.lastIndexOf("rw");
  }

  /** The same mount of something else. */
  public Mount withSource(String otherType, String otherSource, List<String> otherOptions) {
    return new Mount(destination, otherType, otherSource, otherOptions, uidMappings, gidMappings);
  }
}
