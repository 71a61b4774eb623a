package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration files of a test's containerd, in the form that its version prefers. */
final class ContainerdConfiguration {
  /** Its socket's name in its directory. */
  static final String SOCKET = "socket";

  private ContainerdConfiguration() {}

  /** No Kubernetes, no other snapshotters and nobody to trace for. */
  static String plain(Path directory) {
    return """
    version = 2
    root = "%1$s/root"
    state = "%1$s/run"
    disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.restart",
      "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.nri.v1.nri",
      "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
      "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
      "io.containerd.tracing.processor.v1.otlp"]
    [grpc]
      address = "%1$s/%2$s"
    [plugins."io.containerd.internal.v1.opt"]
      path = "%1$s/opt"
    """
        .formatted(directory, SOCKET);
  }

  /**
   * With Kubernetes' CRI. The runtime handlers are {@code runc}; {@code casemate}; {@code
   * casemate-devices}, whose privileged containers ask for the host's devices; {@code
   * casemate-broken}, whose options name a file that is not there; {@code casemate-unknown}, whose
   * options have a setting that does not exist, which containerd 1.6 does not pass on; {@code
   * casemate-foreign}, our shim with runc's options, which containerd 1.6 gives to runc. A pod's
   * sandbox runs the image {@code localhost/pause:1}. Its network is a pair of devices between it
   * and the host, in a range for documentation (RFC 5737).
   */
  static String withCri(Path directory, DebianRelease release) {
    writeNetwork(directory.resolve("net.d"), directory.resolve("leases"));
    return switch (release) {
      case BOOKWORM, TRIXIE -> second(directory);
      case FORKY -> third(directory);
    };
  }

  private static void writeNetwork(Path configurations, Path leases) {
    String network =
        """
        {"cniVersion": "0.4.0", "name": "pods", "plugins": [{"type": "ptp", "ipam":
          {"type": "host-local", "dataDir": "%s", "ranges": [[{"subnet": "192.0.2.0/24"}]],
           "routes": [{"dst": "0.0.0.0/0"}]}}]}
        """
            .formatted(leases);
    try {
      Files.createDirectories(configurations);
      Files.writeString(configurations.resolve("10-pods.conflist"), network);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String second(Path directory) {
    return """
    version = 2
    root = "%1$s/root"
    state = "%1$s/run"
    disabled_plugins = ["io.containerd.internal.v1.restart", "io.containerd.nri.v1.nri",
      "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
      "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
      "io.containerd.tracing.processor.v1.otlp"]
    [grpc]
      address = "%1$s/%2$s"
    [plugins."io.containerd.internal.v1.opt"]
      path = "%1$s/opt"
    [plugins."io.containerd.grpc.v1.cri"]
      sandbox_image = "localhost/pause:1"
      disable_apparmor = true
      restrict_oom_score_adj = true
      [plugins."io.containerd.grpc.v1.cri".cni]
        bin_dir = "/usr/lib/cni"
        conf_dir = "%1$s/net.d"
    """
            .formatted(directory, SOCKET)
        + runtimes(directory, "plugins.\"io.containerd.grpc.v1.cri\".containerd");
  }

  private static String third(Path directory) {
    return """
    version = 3
    root = "%1$s/root"
    state = "%1$s/run"
    disabled_plugins = ["io.containerd.internal.v1.restart", "io.containerd.nri.v1.nri",
      "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
      "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp"]
    [grpc]
      address = "%1$s/%2$s"
    [plugins.'io.containerd.internal.v1.opt']
      path = "%1$s/opt"
    [plugins.'io.containerd.cri.v1.images'.pinned_images]
      sandbox = "localhost/pause:1"
    [plugins.'io.containerd.cri.v1.runtime']
      disable_apparmor = true
      restrict_oom_score_adj = true
      enable_unprivileged_ports = false
      enable_unprivileged_icmp = false
      [plugins.'io.containerd.cri.v1.runtime'.cni]
        bin_dirs = ["/usr/lib/cni"]
        conf_dir = "%1$s/net.d"
    """
            .formatted(directory, SOCKET)
        + runtimes(directory, "plugins.'io.containerd.cri.v1.runtime'.containerd");
  }

  private static String runtimes(Path directory, String table) {
    return """
    [%1$s]
      default_runtime_name = "runc"
    [%1$s.runtimes.runc]
      runtime_type = "%2$s"
    [%1$s.runtimes.casemate]
      runtime_type = "%3$s"
      privileged_without_host_devices = true
    [%1$s.runtimes.casemate-devices]
      runtime_type = "%3$s"
    [%1$s.runtimes.casemate-broken]
      runtime_type = "%3$s"
    [%1$s.runtimes.casemate-broken.options]
      ConfigPath = "%4$s/none.toml"
    [%1$s.runtimes.casemate-unknown]
      runtime_type = "%3$s"
    [%1$s.runtimes.casemate-unknown.options]
      no_such_setting = 1
    [%1$s.runtimes.casemate-foreign]
      runtime_type = "%2$s"
      runtime_path = "%4$s/bin/containerd-shim-casemate-v2"
    [%1$s.runtimes.casemate-foreign.options]
      BinaryName = "runc"
    """
        .formatted(table, Containerd.RUNC, Containerd.CASEMATE, directory);
  }
}
