package dev.casemate.host.monitor;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.NamespaceType;
import dev.casemate.model.oci.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which namespaces of others a container may name. Those of the host's kernel have nothing of a
 * guest's processes, semaphores or host name in them, and another container's machine cannot be
 * entered: only the network is brought over.
 */
public final class JoinedNamespaces {
  private JoinedNamespaces() {}

  /**
   * Refuses every namespace of somebody else, for a container that belongs to no pod.
   *
   * @throws CasemateException UNSUPPORTED, with the namespace that was named
   */
  public static void refuseAll(Spec spec) {
    for (Namespace each : spec.linux().namespaces()) {
      if (isForeign(each)) {
        throw refusal(each);
      }
    }
  }

  /**
   * Refuses what is not the pod's own, for a further container of a pod.
   *
   * @param sandbox the process that stands in for the pod's first container
   * @throws CasemateException UNSUPPORTED, with the namespace that was named
   */
  public static void refuseOthersThan(long sandbox, Spec spec) {
    Path own = Path.of("/proc", Long.toString(sandbox), "ns");
    for (Namespace each : spec.linux().namespaces()) {
      if (isForeign(each) && !isSame(Path.of(String.valueOf(each.path())), own, each.type())) {
        throw refusal(each);
      }
    }
  }

  /** The network is brought over; users are looked at with their mappings. */
  private static boolean isForeign(Namespace namespace) {
    String path = namespace.path();
    boolean looked =
        switch (namespace.type()) {
          case PID, IPC, UTS, MOUNT, CGROUP, TIME -> true;
          case NETWORK, USER -> false;
        };
    return looked && path != null && !path.isEmpty();
  }

  private static boolean isSame(Path named, Path own, NamespaceType type) {
    // The kinds have the same names on both sides.
    String file = dev.casemate.linux.Namespace.valueOf(type.name()).fileName();
    try {
      return Files.isSameFile(named, own.resolve(file));
    } catch (IOException gone) {
      return false;
    }
  }

  private static CasemateException refusal(Namespace namespace) {
    boolean processes = namespace.type() == NamespaceType.PID;
    return new CasemateException(
        ErrorCode.UNSUPPORTED,
        "join the " + namespace.type().text() + " namespace " + namespace.path(),
        processes
            ? "a container can share the processes of its whole pod, and of nobody else"
            : "the container is in a machine with a kernel of its own, and shares that with its"
                + " pod alone",
        processes
            ? "leave the target out, or set shareProcessNamespace on the pod"
            : "leave out the option that joins another container's " + namespace.type().text());
  }
}
