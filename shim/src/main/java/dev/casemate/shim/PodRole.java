package dev.casemate.shim;

import dev.casemate.model.ContainerId;
import dev.casemate.model.oci.Spec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a container is to its pod, as its annotations say: containerd's and CRI-O's. */
sealed interface PodRole {
  /** The container that a pod begins with. */
  record PodSandbox() implements PodRole {}

  /** A further container of a pod. */
  record Member(ContainerId sandbox) implements PodRole {}

  /** A container that belongs to no pod. */
  record Single() implements PodRole {}

  /** The role of a container with that configuration. */
  static PodRole of(Spec spec) {
    Map<String, String> annotations = spec.annotations();
    String type =
        first(annotations, "io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType");
    if (type == null) {
      return new Single();
    }
    return switch (type) {
      case "sandbox" -> new PodSandbox();
      case "container" -> {
        String sandbox =
            first(annotations, "io.kubernetes.cri.sandbox-id", "io.kubernetes.cri-o.SandboxID");
        yield sandbox == null ? new Single() : new Member(new ContainerId(sandbox));
      }
      default -> new Single();
    };
  }

  private static @Nullable String first(Map<String, String> annotations, String... names) {
    for (String name : names) {
      String value = annotations.get(name);
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return null;
  }
}
