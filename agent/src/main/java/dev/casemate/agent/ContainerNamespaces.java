package dev.casemate.agent;

import dev.casemate.protocol.agent.LinuxNamespace;
import dev.casemate.protocol.agent.Spec;
import java.util.ArrayList;
import java.util.List;

/**
 * Which namespaces a container gets in the guest. The host's paths mean nothing here. Mount, pid
 * and cgroup namespaces are always the container's own, so that it sees its own limits and neither
 * the agent nor its neighbours. Network, and IPC and UTS where the spec names them, are the
 * sandbox's, that is the agent's: the containers of a pod share them.
 */
final class ContainerNamespaces {
  private ContainerNamespaces() {}

  /**
   * The namespaces of one container.
   *
   * @param sandboxPid the path of the pid namespace to join; empty for one of its own
   * @param shared whether the sandbox's are the agent's; otherwise each container has its own
   */
  static List<LinuxNamespace> of(Spec spec, String sandboxPid, boolean shared) {
    List<LinuxNamespace> out = new ArrayList<>();
    out.add(namespace("mount", ""));
    out.add(namespace("pid", sandboxPid));
    out.add(namespace("cgroup", ""));
    out.add(namespace("network", shared ? "/proc/self/ns/net" : ""));
    for (LinuxNamespace named : spec.getLinux().getNamespacesList()) {
      switch (named.getType()) {
        case "ipc" -> out.add(namespace("ipc", shared ? "/proc/self/ns/ipc" : ""));
        case "uts" -> out.add(namespace("uts", shared ? "/proc/self/ns/uts" : ""));
        case "user" -> out.add(namespace("user", ""));
        default -> {
          // The four above, and time: the guest's clocks are the container's.
        }
      }
    }
    return out;
  }

  private static LinuxNamespace namespace(String type, String path) {
    return LinuxNamespace.newBuilder().setType(type).setPath(path).build();
  }
}
