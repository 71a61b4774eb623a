package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What only Linux has (runtime-spec, config-linux).
 *
 * @param uidMappings for the user namespace
 * @param gidMappings for the user namespace
 * @param sysctl kernel parameters
 * @param resources limits, or null
 * @param cgroupsPath the container's cgroup, or null for the runtime's choice
 * @param namespaces each kind at most once
 * @param devices further device nodes
 * @param seccomp or null for no filter
 * @param rootfsPropagation of the root mount
 * @param maskedPaths that the container must not read
 * @param readonlyPaths that it must not write
 * @param mountLabel SELinux label of mounts
 * @param intelRdt passed through as it is
 * @param personality or null
 * @param timeOffsets by clock
 */
public record LinuxSpec(
    List<IdMapping> uidMappings,
    List<IdMapping> gidMappings,
    Map<String, String> sysctl,
    @Nullable Resources resources,
    @Nullable String cgroupsPath,
    List<Namespace> namespaces,
    List<Device> devices,
    @Nullable Seccomp seccomp,
    @Nullable String rootfsPropagation,
    List<String> maskedPaths,
    List<String> readonlyPaths,
    @Nullable String mountLabel,
    @Nullable JsonObject intelRdt,
    @Nullable Personality personality,
    Map<String, TimeOffset> timeOffsets) {
  /** Copies what is mutable. */
  public LinuxSpec {
    uidMappings = List.copyOf(uidMappings);
    gidMappings = List.copyOf(gidMappings);
    sysctl = Documents.copy(sysctl);
    namespaces = List.copyOf(namespaces);
    devices = List.copyOf(devices);
    maskedPaths = List.copyOf(maskedPaths);
    readonlyPaths = List.copyOf(readonlyPaths);
    timeOffsets = Documents.copy(timeOffsets);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static LinuxSpec parse(JsonCursor at) {
    LinuxSpec parsed =
        new LinuxSpec(
            Documents.list(at, "uidMappings", IdMapping::parse),
            Documents.list(at, "gidMappings", IdMapping::parse),
            at.textMap("sysctl"),
            Documents.optional(at, "resources", Resources::parse),
            at.text("cgroupsPath"),
            Documents.list(at, "namespaces", Namespace::parse),
            Documents.list(at, "devices", Device::parse),
            Documents.optional(at, "seccomp", Seccomp::parse),
            at.text("rootfsPropagation"),
            at.texts("maskedPaths"),
            at.texts("readonlyPaths"),
            at.text("mountLabel"),
            Documents.passThrough(at, "intelRdt"),
            Documents.optional(at, "personality", Personality::parse),
            Documents.map(at, "timeOffsets", TimeOffset::parse));
    EnumSet<NamespaceType> seen = EnumSet.noneOf(NamespaceType.class);
    for (Namespace namespace : parsed.namespaces) {
      if (!seen.add(namespace.type())) {
        throw at.require("namespaces")
            .error(
                "the " + namespace.type().text() + " namespace is there twice", "keep one of them");
      }
    }
    return parsed;
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .putArray("uidMappings", Documents.array(uidMappings, IdMapping::toJson))
        .putArray("gidMappings", Documents.array(gidMappings, IdMapping::toJson))
        .putStrings("sysctl", sysctl)
        .put("resources", resources == null ? null : resources.toJson())
        .put("cgroupsPath", cgroupsPath)
        .putArray("namespaces", Documents.array(namespaces, Namespace::toJson))
        .putArray("devices", Documents.array(devices, Device::toJson))
        .put("seccomp", seccomp == null ? null : seccomp.toJson())
        .put("rootfsPropagation", rootfsPropagation)
        .putStrings("maskedPaths", maskedPaths)
        .putStrings("readonlyPaths", readonlyPaths)
        .put("mountLabel", mountLabel)
        .put("intelRdt", intelRdt)
        .put("personality", personality == null ? null : personality.toJson())
        .put("timeOffsets", Documents.object(timeOffsets, TimeOffset::toJson))
        .build();
  }

  /** Nothing asked for. */
  public static final LinuxSpec NONE =
      new LinuxSpec(
          List.of(), List.of(), Map.of(), null, null, List.of(), List.of(), null, null, List.of(),
          List.of(), null, null, null, Map.of());

  /** The namespace of this kind, or null when the container shares its creator's. */
  public @Nullable Namespace namespace(NamespaceType type) {
    for (Namespace namespace : namespaces) {
      if (namespace.type() == type) {
        return namespace;
      }
    }
    return null;
  }

  /** The limits, none when there are none. */
  public Resources limits() {
    return resources == null ? Resources.NONE : resources;
  }

  /** The same with other namespaces. */
  public LinuxSpec withNamespaces(List<Namespace> other) {
    return new LinuxSpec(
        uidMappings,
        gidMappings,
        sysctl,
        resources,
        cgroupsPath,
        other,
        devices,
        seccomp,
        rootfsPropagation,
        maskedPaths,
        readonlyPaths,
        mountLabel,
        intelRdt,
        personality,
        timeOffsets);
  }

  /** The same in another cgroup. */
  public LinuxSpec withCgroupsPath(@Nullable String other) {
    return new LinuxSpec(
        uidMappings,
        gidMappings,
        sysctl,
        resources,
        other,
        namespaces,
        devices,
        seccomp,
        rootfsPropagation,
        maskedPaths,
        readonlyPaths,
        mountLabel,
        intelRdt,
        personality,
        timeOffsets);
  }

  /** The same with other limits. */
  public LinuxSpec withResources(@Nullable Resources other) {
    return new LinuxSpec(
        uidMappings,
        gidMappings,
        sysctl,
        other,
        cgroupsPath,
        namespaces,
        devices,
        seccomp,
        rootfsPropagation,
        maskedPaths,
        readonlyPaths,
        mountLabel,
        intelRdt,
        personality,
        timeOffsets);
  }

  /** The same with other device nodes. */
  public LinuxSpec withDevices(List<Device> other) {
    return new LinuxSpec(
        uidMappings,
        gidMappings,
        sysctl,
        resources,
        cgroupsPath,
        namespaces,
        other,
        seccomp,
        rootfsPropagation,
        maskedPaths,
        readonlyPaths,
        mountLabel,
        intelRdt,
        personality,
        timeOffsets);
  }

  /** The same with another filter on system calls. */
  public LinuxSpec withSeccomp(@Nullable Seccomp other) {
    return new LinuxSpec(
        uidMappings,
        gidMappings,
        sysctl,
        resources,
        cgroupsPath,
        namespaces,
        devices,
        other,
        rootfsPropagation,
        maskedPaths,
        readonlyPaths,
        mountLabel,
        intelRdt,
        personality,
        timeOffsets);
  }

  /** The same without what only means something on the host: SELinux label and Intel RDT. */
  public LinuxSpec withoutHostOnly() {
    return new LinuxSpec(
        uidMappings,
        gidMappings,
        sysctl,
        resources,
        cgroupsPath,
        namespaces,
        devices,
        seccomp,
        rootfsPropagation,
        maskedPaths,
        readonlyPaths,
        null,
        null,
        personality,
        timeOffsets);
  }
}
