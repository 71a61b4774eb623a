package dev.casemate.host.storage;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Device;
import dev.casemate.model.oci.Hooks;
import dev.casemate.model.oci.LinuxSpec;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.NamespaceType;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.Root;
import dev.casemate.model.oci.Seccomp;
import dev.casemate.model.oci.Spec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A specification as the guest gets it: what only means something on the host is gone, what cannot
 * be had in a machine is refused.
 *
 * @param spec for the guest; its mounts are still as they were
 * @param notes what was left out, a sentence each, for the log
 */
record SpecForGuest(Spec spec, List<String> notes) {
  /** Annotations with this prefix are said by us to our agent, never by a bundle. */
  static final String RESERVED_ANNOTATIONS = "dev.casemate.";

  /** What stands for the container's own terminal, whatever its numbers. */
  private static final Set<String> TERMINALS = Set.of("/dev/console", "/dev/ptmx");

  /** Without these a container would be in the namespaces of the agent. */
  private static final Set<NamespaceType> ALWAYS =
      EnumSet.of(NamespaceType.MOUNT, NamespaceType.PID, NamespaceType.IPC, NamespaceType.UTS);

  SpecForGuest {
    notes = List.copyOf(notes);
  }

  /**
   * Rewrites.
   *
   * @param rootfs the root file system in the guest
   * @param cgroupsPath the control group in the guest
   * @param seccomp whether the profile is kept
   * @throws CasemateException UNSUPPORTED with the reason
   */
  static SpecForGuest of(Spec spec, String rootfs, String cgroupsPath, boolean seccomp) {
    List<String> notes = new ArrayList<>();
    LinuxSpec linux = spec.linux();
    refuse(linux);
    Hooks hooks = spec.hooks();
    LinuxSpec guestLinux =
        linux
            .withoutHostOnly()
            .withNamespaces(namespaces(linux, notes))
            .withCgroupsPath(cgroupsPath)
            .withDevices(toMake(linux.devices()))
            .withResources(resources(linux, notes))
            .withSeccomp(seccomp ? linux.seccomp() : null);
    noteHostOnly(spec, seccomp, notes);
    Spec rewritten =
        spec.withRoot(new Root(rootfs, spec.root().readonly()))
            .withHooks(
                new Hooks(
                    List.of(), List.of(), List.of(), hooks.startContainer(), List.of(), List.of()))
            .withAnnotations(annotations(spec.annotations()))
            .withProcess(spec.process().withoutHostLabels())
            .withLinux(guestLinux);
    return new SpecForGuest(rewritten, notes);
  }

  private static void refuse(LinuxSpec linux) {
    if (linux.namespace(NamespaceType.NETWORK) == null) {
      throw unsupported(
          "share the host's network",
          "the container is in a machine with a kernel and a network of its own",
          "add a namespace of type network to linux.namespaces");
    }
    Namespace user = linux.namespace(NamespaceType.USER);
    if (user != null && user.path() != null) {
      throw unsupported(
          "join the user namespace " + user.path(),
          "it is one of the host's kernel",
          "give linux.uidMappings instead");
    }
    for (Device device : linux.devices()) {
      boolean known = device.type().equals("p") || TERMINALS.contains(device.path());
      if (!known && !HarmlessDevices.include(device)) {
        throw unsupported(
            "give the container the device " + device.path(),
            "the host's devices are not in the machine",
            "leave it out of linux.devices; --privileged gives no devices either");
      }
    }
    Seccomp seccomp = linux.seccomp();
    if (seccomp != null && seccomp.listenerPath() != null) {
      throw unsupported(
          "notify " + seccomp.listenerPath() + " of system calls",
          "the calls happen in another kernel",
          "use a profile without SCMP_ACT_NOTIFY");
    }
  }

  private static CasemateException unsupported(String tried, String why, String advice) {
    return new CasemateException(ErrorCode.UNSUPPORTED, tried, why, advice);
  }

  /** What the guest's runtime does not make in every container. */
  private static List<Device> toMake(List<Device> devices) {
    return devices.stream()
        .filter(device -> !TERMINALS.contains(device.path()))
        .filter(device -> !HarmlessDevices.isInItsPlace(device))
        .toList();
  }

  private static List<Namespace> namespaces(LinuxSpec linux, List<String> notes) {
    List<Namespace> namespaces = new ArrayList<>();
    for (NamespaceType type : NamespaceType.values()) {
      Namespace asked = linux.namespace(type);
      if (asked == null && ALWAYS.contains(type)) {
        notes.add("the " + type.text() + " namespace is the container's own all the same");
      }
      if (asked != null || ALWAYS.contains(type)) {
        namespaces.add(new Namespace(type, null));
      }
    }
    return namespaces;
  }

  private static Map<String, String> annotations(Map<String, String> annotations) {
    Map<String, String> kept = new LinkedHashMap<>();
    annotations.forEach((name, value) -> {
      if (!name.startsWith(RESERVED_ANNOTATIONS)) {
        kept.put(name, value);
      }
    });
    return kept;
  }

  private static void noteHostOnly(Spec spec, boolean seccomp, List<String> notes) {
    ProcessSpec process = spec.process();
    if (process.apparmorProfile() != null && !process.apparmorProfile().isEmpty()) {
      notes.add("the AppArmor profile is not used: the guest's kernel has none");
    }
    if (process.selinuxLabel() != null && !process.selinuxLabel().isEmpty()) {
      notes.add("the SELinux label is not used: the guest's kernel has no policy");
    }
    if (spec.linux().intelRdt() != null) {
      notes.add("intelRdt is not used: it divides the host's processor");
    }
    if (!seccomp && spec.linux().seccomp() != null) {
      notes.add("the seccomp profile is left out: runtime.disable_guest_seccomp");
    }
  }

  private static @Nullable Resources resources(LinuxSpec linux, List<String> notes) {
    if (linux.resources() == null) {
      return null;
    }
    ResourcesForGuest kept = ResourcesForGuest.of(linux.resources());
    notes.addAll(kept.notes());
    return kept.resources();
  }
}
