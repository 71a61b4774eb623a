package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A namespace of the container (runtime-spec, config-linux, "Namespaces").
 *
 * @param type its kind
 * @param path an existing one to join, absolute, or null for a new one
 */
public record Namespace(NamespaceType type, @Nullable String path) {
  static Namespace parse(JsonCursor at) {
    JsonCursor typeAt = at.require("type");
    NamespaceType type = NamespaceType.find(typeAt.text());
    if (type == null) {
      throw typeAt.error(
          "it is no kind of namespace", "use pid, network, mount, ipc, uts, user, cgroup or time");
    }
    String path = at.text("path");
    if (path == null || path.isEmpty()) {
      return new Namespace(type, null);
    }
    if (!path.startsWith("/")) {
      throw at.require("path").error("it is not absolute", "write the whole path");
    }
    return new Namespace(type, path);
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder().put("type", type.text()).put("path", path).build();
  }
}
