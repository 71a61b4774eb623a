package dev.casemate.agent;

import dev.casemate.model.json.JsonNumber;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonString;
import dev.casemate.model.json.JsonValue;
import dev.casemate.model.oci.SpecRemainder;
import dev.casemate.protocol.agent.Hook;
import dev.casemate.protocol.agent.Linux;
import dev.casemate.protocol.agent.LinuxCapabilities;
import dev.casemate.protocol.agent.LinuxDevice;
import dev.casemate.protocol.agent.LinuxIDMapping;
import dev.casemate.protocol.agent.LinuxNamespace;
import dev.casemate.protocol.agent.LinuxSeccomp;
import dev.casemate.protocol.agent.LinuxSeccompArg;
import dev.casemate.protocol.agent.LinuxSyscall;
import dev.casemate.protocol.agent.Mount;
import dev.casemate.protocol.agent.POSIXRlimit;
import dev.casemate.protocol.agent.Process;
import dev.casemate.protocol.agent.Spec;
import dev.casemate.protocol.agent.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The wire's {@code Spec} as a {@code config.json} for the OCI runtime in the guest. Nothing of the
 * host's is changed here but what has no meaning in a guest: the hooks that ran on the host, labels
 * of the host's security modules, and annotations that would steer the runtime itself.
 */
final class SpecJson {
  /** What crun 1.8 and later take; older versions refuse a higher minor number. */
  private static final String OCI_VERSION = "1.0.2";

  // crun's own switches. Annotations come from the pod, which must not turn its sandbox off.
  private static final String CRUN_SWITCH = "run.oci.";
  private static final String WASM_SWITCH = "module.wasm.";

  private SpecJson() {}

  /**
   * The whole document.
   *
   * @param namespaces instead of the spec's own, whose paths are the host's
   * @param cgroup the cgroup's path below the cgroup file system's root
   */
  static JsonObject spec(Spec spec, List<LinuxNamespace> namespaces, String cgroup) {
    JsonObject.Builder out = JsonObject.builder().put("ociVersion", OCI_VERSION);
    if (spec.hasProcess()) {
      out.put("process", process(spec.getProcess()));
    }
    JsonObject.Builder root = JsonObject.builder().put("path", spec.getRoot().getPath());
    out.put("root", root.putFlag("readonly", spec.getRoot().getReadonly()).build());
    if (!spec.getHostname().isEmpty()) {
      out.put("hostname", spec.getHostname());
    }
    out.putArray("mounts", mounts(spec.getMountsList()));
    if (spec.getHooks().getStartContainerCount() > 0) {
      out.put(
          "hooks",
          JsonObject.builder()
              .putArray("startContainer", hooks(spec.getHooks().getStartContainerList()))
              .build());
    }
    JsonObject.Builder annotations = JsonObject.builder();
    for (Map.Entry<String, String> each : spec.getAnnotationsMap().entrySet()) {
      if (!each.getKey().startsWith(CRUN_SWITCH)
          && !each.getKey().startsWith(WASM_SWITCH)
          && !each.getKey().equals(SpecRemainder.ANNOTATION)) {
        annotations.put(each.getKey(), each.getValue());
      }
    }
    if (!annotations.isEmpty()) {
      out.put("annotations", annotations.build());
    }
    JsonObject document = out.put("linux", linux(spec.getLinux(), namespaces, cgroup)).build();
    String remainder = spec.getAnnotationsMap().get(SpecRemainder.ANNOTATION);
    return remainder == null ? document : SpecRemainder.restore(document, remainder);
  }

  /** The {@code process} of a container, or the whole {@code process.json} of a further one. */
  static JsonObject process(Process process) {
    JsonObject.Builder out = JsonObject.builder().putFlag("terminal", process.getTerminal());
    if (process.hasConsoleSize()) {
      out.put(
          "consoleSize",
          JsonObject.builder()
              .put("height", unsigned(process.getConsoleSize().getHeight()))
              .put("width", unsigned(process.getConsoleSize().getWidth()))
              .build());
    }
    out.put("user", user(process.getUser()));
    out.putStrings("args", process.getArgsList()).putStrings("env", process.getEnvList());
    out.put("cwd", process.getCwd().isEmpty() ? "/" : process.getCwd());
    if (process.hasCapabilities()) {
      out.put("capabilities", capabilities(process.getCapabilities()));
    }
    out.putArray("rlimits", rlimits(process.getRlimitsList()));
    out.putFlag("noNewPrivileges", process.getNoNewPrivileges());
    if (process.getOOMScoreAdj() != 0) {
      out.put("oomScoreAdj", process.getOOMScoreAdj());
    }
    return out.build();
  }

  private static JsonObject user(User user) {
    JsonObject.Builder out =
        JsonObject.builder()
            .put("uid", unsigned(user.getUID()))
            .put("gid", unsigned(user.getGID()));
    List<JsonValue> groups = new ArrayList<>();
    for (int group : user.getAdditionalGidsList()) {
      groups.add(JsonNumber.of(unsigned(group)));
    }
    out.putArray("additionalGids", groups);
    putText(out, "username", user.getUsername());
    return out.build();
  }

  private static JsonObject capabilities(LinuxCapabilities sets) {
    return JsonObject.builder()
        .putStrings("bounding", sets.getBoundingList())
        .putStrings("effective", sets.getEffectiveList())
        .putStrings("inheritable", sets.getInheritableList())
        .putStrings("permitted", sets.getPermittedList())
        .putStrings("ambient", sets.getAmbientList())
        .build();
  }

  private static List<JsonObject> rlimits(List<POSIXRlimit> limits) {
    List<JsonObject> out = new ArrayList<>(limits.size());
    for (POSIXRlimit limit : limits) {
      out.add(
          JsonObject.builder()
              .put("type", limit.getType())
              .putUnsigned("hard", limit.getHard())
              .putUnsigned("soft", limit.getSoft())
              .build());
    }
    return out;
  }

  private static List<JsonObject> mounts(List<Mount> mounts) {
    List<JsonObject> out = new ArrayList<>(mounts.size());
    for (Mount mount : mounts) {
      JsonObject.Builder each = JsonObject.builder().put("destination", mount.getDestination());
      putText(each, "type", mount.getType());
      putText(each, "source", mount.getSource());
      out.add(each.putStrings("options", mount.getOptionsList()).build());
    }
    return out;
  }

  private static List<JsonObject> hooks(List<Hook> hooks) {
    List<JsonObject> out = new ArrayList<>(hooks.size());
    for (Hook hook : hooks) {
      JsonObject.Builder each = JsonObject.builder().put("path", hook.getPath());
      each.putStrings("args", hook.getArgsList()).putStrings("env", hook.getEnvList());
      if (hook.getTimeout() > 0) {
        each.put("timeout", hook.getTimeout());
      }
      out.add(each.build());
    }
    return out;
  }

  private static JsonObject linux(Linux linux, List<LinuxNamespace> namespaces, String cgroup) {
    JsonObject.Builder out = JsonObject.builder();
    out.putArray("uidMappings", mappings(linux.getUIDMappingsList()));
    out.putArray("gidMappings", mappings(linux.getGIDMappingsList()));
    out.putStrings("sysctl", linux.getSysctlMap());
    if (linux.hasResources()) {
      out.put("resources", ResourcesJson.of(linux.getResources()));
    }
    out.put("cgroupsPath", cgroup);
    out.putArray("namespaces", namespaces(namespaces));
    out.putArray("devices", devices(linux.getDevicesList()));
    if (linux.hasSeccomp()) {
      out.put("seccomp", seccomp(linux.getSeccomp()));
    }
    putText(out, "rootfsPropagation", linux.getRootfsPropagation());
    out.putStrings("maskedPaths", linux.getMaskedPathsList());
    out.putStrings("readonlyPaths", linux.getReadonlyPathsList());
    if (!linux.getIntelRdt().getL3CacheSchema().isEmpty()) {
      out.put(
          "intelRdt",
          JsonObject.builder()
              .put("l3CacheSchema", linux.getIntelRdt().getL3CacheSchema())
              .build());
    }
    return out.build();
  }

  private static List<JsonObject> mappings(List<LinuxIDMapping> mappings) {
    List<JsonObject> out = new ArrayList<>(mappings.size());
    for (LinuxIDMapping mapping : mappings) {
      out.add(
          JsonObject.builder()
              .put("containerID", unsigned(mapping.getContainerID()))
              .put("hostID", unsigned(mapping.getHostID()))
              .put("size", unsigned(mapping.getSize()))
              .build());
    }
    return out;
  }

  private static List<JsonObject> namespaces(List<LinuxNamespace> namespaces) {
    List<JsonObject> out = new ArrayList<>(namespaces.size());
    for (LinuxNamespace namespace : namespaces) {
      JsonObject.Builder each = JsonObject.builder().put("type", namespace.getType());
      putText(each, "path", namespace.getPath());
      out.add(each.build());
    }
    return out;
  }

  private static List<JsonObject> devices(List<LinuxDevice> devices) {
    List<JsonObject> out = new ArrayList<>(devices.size());
    for (LinuxDevice device : devices) {
      JsonObject.Builder each =
          JsonObject.builder().put("path", device.getPath()).put("type", device.getType());
      if (!device.getType().equals("p")) {
        each.put("major", device.getMajor()).put("minor", device.getMinor());
      }
      if (device.getFileMode() != 0) {
        each.put("fileMode", unsigned(device.getFileMode()));
      }
      each.put("uid", unsigned(device.getUID())).put("gid", unsigned(device.getGID()));
      out.add(each.build());
    }
    return out;
  }

  private static JsonObject seccomp(LinuxSeccomp seccomp) {
    JsonObject.Builder out =
        JsonObject.builder()
            .put("defaultAction", seccomp.getDefaultAction())
            .putStrings("architectures", seccomp.getArchitecturesList())
            .putStrings("flags", seccomp.getFlagsList());
    List<JsonObject> rules = new ArrayList<>(seccomp.getSyscallsCount());
    for (LinuxSyscall rule : seccomp.getSyscallsList()) {
      JsonObject.Builder each =
          JsonObject.builder()
              .putStrings("names", rule.getNamesList())
              .put("action", rule.getAction());
      if (rule.hasErrnoret()) {
        each.put("errnoRet", unsigned(rule.getErrnoret()));
      }
      List<JsonObject> args = new ArrayList<>(rule.getArgsCount());
      for (LinuxSeccompArg arg : rule.getArgsList()) {
        JsonObject.Builder test =
            JsonObject.builder()
                .putUnsigned("index", arg.getIndex())
                .putUnsigned("value", arg.getValue());
        if (arg.getValueTwo() != 0) {
          test.putUnsigned("valueTwo", arg.getValueTwo());
        }
        args.add(test.put("op", new JsonString(arg.getOp())).build());
      }
      rules.add(each.putArray("args", args).build());
    }
    return out.putArray("syscalls", rules).build();
  }

  private static long unsigned(int bits) {
    return Integer.toUnsignedLong(bits);
  }

  private static void putText(JsonObject.Builder out, String name, String value) {
    if (!value.isEmpty()) {
      out.put(name, value);
    }
  }
}
