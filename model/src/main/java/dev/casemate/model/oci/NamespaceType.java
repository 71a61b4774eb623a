package dev.casemate.model.oci;

import org.jspecify.annotations.Nullable;

/** The kinds of namespaces(7) that a configuration can ask for. */
public enum NamespaceType {
  /** Process ids. */
  PID("pid"),
  /** Network devices, addresses, routes, ports. */
  NETWORK("network"),
  /** Mount points. */
  MOUNT("mount"),
  /** System V IPC and POSIX message queues. */
  IPC("ipc"),
  /** Host name and domain name. */
  UTS("uts"),
  /** Users and groups. */
  USER("user"),
  /** The root of the cgroup hierarchies. */
  CGROUP("cgroup"),
  /** Boot and monotonic clocks (since Linux 5.6). */
  TIME("time");

  private final String text;

  NamespaceType(String text) {
    this.text = text;
  }

  /** As the runtime-spec writes it. */
  public String text() {
    return text;
  }

  /** The kind with this name, or null. */
  public static @Nullable NamespaceType find(String text) {
    for (NamespaceType type : values()) {
      if (type.text.equals(text)) {
        return type;
      }
    }
    return null;
  }
}
