package dev.casemate.cli;

import dev.casemate.model.oci.Capabilities;
import dev.casemate.model.oci.DeviceRule;
import dev.casemate.model.oci.Hooks;
import dev.casemate.model.oci.LinuxSpec;
import dev.casemate.model.oci.Mount;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.NamespaceType;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.Rlimit;
import dev.casemate.model.oci.Root;
import dev.casemate.model.oci.Spec;
import dev.casemate.model.oci.SpecVersion;
import dev.casemate.model.oci.User;
import java.util.List;
import java.util.Map;

/**
 * The configuration that {@code spec} writes and that images are run with: what an unsuspecting
 * program expects to find, and no more privileges than it needs.
 */
final class StartingSpec {
  /** Where programs are looked for. */
  static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** What runc's starting point allows. */
  static final List<String> FEW_CAPABILITIES =
      List.of("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE");

  /** What Docker allows by default; images are written for it. */
  static final List<String> IMAGE_CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  private StartingSpec() {}

  /** What {@code spec} writes: sh on a terminal, root file system in rootfs, read-only. */
  static Spec forBundles() {
    ProcessSpec process =
        new ProcessSpec(
            true,
            null,
            new User(0, 0, null, List.of(), null),
            List.of("sh"),
            List.of(PATH, "TERM=xterm"),
            "/",
            new Capabilities(
                FEW_CAPABILITIES, FEW_CAPABILITIES, List.of(), FEW_CAPABILITIES, List.of()),
            List.of(new Rlimit("RLIMIT_NOFILE", 1024, 1024)),
            true,
            null,
            null,
            null,
            null,
            null,
            null);
    return of(process, new Root("rootfs", true), "casemate", mounts());
  }

  /** A configuration around a process. */
  static Spec of(ProcessSpec process, Root root, String hostname, List<Mount> mounts) {
    return new Spec(
        SpecVersion.MOST, process, root, hostname, null, mounts, Hooks.NONE, Map.of(), linux());
  }

  /** The mounts that every program expects. */
  static List<Mount> mounts() {
    return List.of(
        mount("/proc", "proc", "proc"),
        mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5"),
        mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
        mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"));
  }

  private static Mount mount(String destination, String type, String source, String... options) {
    return new Mount(destination, type, source, List.of(options), List.of(), List.of());
  }

  private static LinuxSpec linux() {
    Resources resources =
        Resources.NONE.withDevices(List.of(new DeviceRule(false, null, null, null, "rwm")));
    return new LinuxSpec(
        List.of(),
        List.of(),
        Map.of(),
        resources,
        null,
        List.of(
            namespace(NamespaceType.PID),
            namespace(NamespaceType.NETWORK),
            namespace(NamespaceType.IPC),
            namespace(NamespaceType.UTS),
            namespace(NamespaceType.MOUNT),
            namespace(NamespaceType.CGROUP)),
        List.of(),
        null,
        null,
        List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware"),
        List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"),
        null,
        null,
        null,
        Map.of());
  }

  private static Namespace namespace(NamespaceType type) {
    return new Namespace(type, null);
  }
}
