package dev.casemate.model.oci;

import dev.casemate.model.json.JsonArray;
import dev.casemate.model.json.JsonBoolean;
import dev.casemate.model.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What the runtime can do (runtime-spec, features). Containers meet a guest that comes with it, so
 * that this does not depend on the host.
 */
public final class Features {
  private static final List<String> HOOKS =
      List.of(
          "prestart",
          "createRuntime",
          "createContainer",
          "startContainer",
          "poststart",
          "poststop");

  private static final List<String> MOUNT_OPTIONS =
      List.of(
          "async",
          "atime",
          "bind",
          "defaults",
          "dev",
          "diratime",
          "dirsync",
          "exec",
          "iversion",
          "lazytime",
          "noatime",
          "nodev",
          "nodiratime",
          "noexec",
          "noiversion",
          "nolazytime",
          "norelatime",
          "nostrictatime",
          "nosuid",
          "private",
          "rbind",
          "relatime",
          "remount",
          "ro",
          "rprivate",
          "rro",
          "rslave",
          "runbindable",
          "rw",
          "slave",
          "strictatime",
          "suid",
          "sync",
          "unbindable");

  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_DAC_READ_SEARCH",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETPCAP",
          "CAP_LINUX_IMMUTABLE",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_BROADCAST",
          "CAP_NET_ADMIN",
          "CAP_NET_RAW",
          "CAP_IPC_LOCK",
          "CAP_IPC_OWNER",
          "CAP_SYS_MODULE",
          "CAP_SYS_RAWIO",
          "CAP_SYS_CHROOT",
          "CAP_SYS_PTRACE",
          "CAP_SYS_PACCT",
          "CAP_SYS_ADMIN",
          "CAP_SYS_BOOT",
          "CAP_SYS_NICE",
          "CAP_SYS_RESOURCE",
          "CAP_SYS_TIME",
          "CAP_SYS_TTY_CONFIG",
          "CAP_MKNOD",
          "CAP_LEASE",
          "CAP_AUDIT_WRITE",
          "CAP_AUDIT_CONTROL",
          "CAP_SETFCAP",
          "CAP_MAC_OVERRIDE",
          "CAP_MAC_ADMIN",
          "CAP_SYSLOG",
          "CAP_WAKE_ALARM",
          "CAP_BLOCK_SUSPEND",
          "CAP_AUDIT_READ",
          "CAP_PERFMON",
          "CAP_BPF",
          "CAP_CHECKPOINT_RESTORE");

  private static final List<String> SECCOMP_ACTIONS =
      List.of(
          "SCMP_ACT_ALLOW",
          "SCMP_ACT_ERRNO",
          "SCMP_ACT_KILL",
          "SCMP_ACT_KILL_PROCESS",
          "SCMP_ACT_KILL_THREAD",
          "SCMP_ACT_LOG",
          "SCMP_ACT_TRACE",
          "SCMP_ACT_TRAP");

  private static final List<String> SECCOMP_OPERATORS =
      List.of(
          "SCMP_CMP_EQ",
          "SCMP_CMP_GE",
          "SCMP_CMP_GT",
          "SCMP_CMP_LE",
          "SCMP_CMP_LT",
          "SCMP_CMP_MASKED_EQ",
          "SCMP_CMP_NE");

  private Features() {}

  /** The features document. */
  public static JsonObject document() {
    return JsonObject.builder()
        .put("ociVersionMin", SpecVersion.LEAST)
        .put("ociVersionMax", SpecVersion.MOST)
        .putStrings("hooks", HOOKS)
        .putStrings("mountOptions", MOUNT_OPTIONS)
        .put("linux", linux())
        .put(
            "annotations",
            JsonObject.builder().put("dev.casemate.isolation", "virtual-machine").build())
        .build();
  }

  private static JsonObject linux() {
    List<String> namespaces = new ArrayList<>();
    for (NamespaceType type : NamespaceType.values()) {
      namespaces.add(type.text());
    }
    JsonObject disabled = JsonObject.builder().put("enabled", JsonBoolean.FALSE).build();
    return JsonObject.builder()
        .putStrings("namespaces", namespaces)
        .putStrings("capabilities", CAPABILITIES)
        .put("cgroup", cgroup())
        .put("seccomp", seccomp())
        .put("apparmor", disabled)
        .put("selinux", disabled)
        .put("intelRdt", disabled)
        .put("mountExtensions", JsonObject.builder().put("idmap", disabled).build())
        .build();
  }

  private static JsonObject cgroup() {
    return JsonObject.builder()
        .put("v1", JsonBoolean.TRUE)
        .put("v2", JsonBoolean.TRUE)
        .put("systemd", JsonBoolean.FALSE)
        .put("systemdUser", JsonBoolean.FALSE)
        .put("rdma", JsonBoolean.FALSE)
        .build();
  }

  private static JsonObject seccomp() {
    return JsonObject.builder()
        .put("enabled", JsonBoolean.TRUE)
        .putStrings("actions", SECCOMP_ACTIONS)
        .putStrings("operators", SECCOMP_OPERATORS)
        .put(
            "archs",
            JsonArray.ofStrings(List.of("SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32")))
        .build();
  }
}
