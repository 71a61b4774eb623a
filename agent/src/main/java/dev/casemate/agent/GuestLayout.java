package dev.casemate.agent;

import java.nio.file.Path;

/**
 * Where the agent keeps its things.
 *
 * @param run stands for {@code /run}; another directory only in tests
 * @param crun the OCI runtime's program
 * @param init whether this is the guest's PID 1, whose network, IPC and UTS namespaces are the
 *     sandbox's; otherwise each container gets its own
 */
record GuestLayout(Path run, Path crun, boolean init) {
  /** The layout of a guest. */
  static GuestLayout guest(boolean init) {
    return new GuestLayout(Path.of("/run"), Path.of("/usr/bin/crun"), init);
  }

  /** The agent's own directory. */
  Path own() {
    return run.resolve("casemate");
  }

  /** The runtime's state, one directory a container. */
  Path runtimeState() {
    return run.resolve("crun");
  }

  /** The bundle of a container. */
  Path bundle(String containerId) {
    return own().resolve("bundles").resolve(containerId);
  }

  /** What a path below {@code /run} is called here. */
  String real(String path) {
    return run + path.substring("/run".length());
  }
}
