package dev.casemate.model.oci;

import dev.casemate.model.ContainerId;
import dev.casemate.model.json.JsonObject;
import java.util.Map;

/**
 * The state of a container as hooks get it on their standard input (runtime-spec, runtime,
 * "State").
 *
 * @param ociVersion the version of the runtime-spec that the document follows
 * @param id the container
 * @param status what it is doing
 * @param pid its process on the host, or 0 when it has none (any more)
 * @param bundle the absolute path of its bundle
 * @param annotations of its configuration
 */
public record State(
    String ociVersion,
    ContainerId id,
    ContainerStatus status,
    int pid,
    String bundle,
    Map<String, String> annotations) {
  /** Copies what is mutable. */
  public State {
    annotations = Documents.copy(annotations);
  }

  /** Writes it. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("ociVersion", ociVersion)
        .put("id", id.value())
        .put("status", status.text())
        .put("pid", pid == 0 ? null : (Integer) pid)
        .put("bundle", bundle)
        .putStrings("annotations", annotations)
        .build();
  }
}
