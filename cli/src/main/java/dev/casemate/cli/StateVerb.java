package dev.casemate.cli;

import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonWriter;
import dev.casemate.model.oci.SpecVersion;

/** {@code state}: prints the OCI state, with the members and the layout that runc prints. */
final class StateVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    ContainerView container = invocation.host().find(invocation.container());
    invocation.output().print(JsonWriter.pretty(json(container, "")));
    return 0;
  }

  /**
   * The state of a container as JSON.
   *
   * @param owner the name of its owner; runc leaves it empty except in lists
   */
  static JsonObject json(ContainerView container, String owner) {
    return JsonObject.builder()
        .put("ociVersion", SpecVersion.MOST)
        .put("id", container.id().value())
        .put("pid", (Long) container.pid())
        .put("status", container.status().text())
        .put("bundle", container.bundle())
        .put("rootfs", container.rootfs())
        .put("created", container.created())
        .putStrings("annotations", container.annotations())
        .put("owner", owner)
        .build();
  }
}
