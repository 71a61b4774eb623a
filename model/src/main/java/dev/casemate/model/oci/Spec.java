package dev.casemate.model.oci;

import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container's configuration, the bundle's {@code config.json} (runtime-spec 1.0 to 1.2). Members
 * that are not known are ignored, as the specification asks for; sections of other platforms are
 * refused.
 *
 * @param ociVersion the version that it was written for
 * @param process what to run
 * @param root the root file system
 * @param hostname the host name, 64 bytes at most, or null to keep the namespace's
 * @param domainname the domain name, 64 bytes at most, or null to keep the namespace's
 * @param mounts in the order in which they are made
 * @param hooks programs to run on the way
 * @param annotations what callers noted, in their order
 * @param linux what only Linux has
 */
public record Spec(
    String ociVersion,
    ProcessSpec process,
    Root root,
    @Nullable String hostname,
    @Nullable String domainname,
    List<Mount> mounts,
    Hooks hooks,
    Map<String, String> annotations,
    LinuxSpec linux) {
  /** The file's name in a bundle. */
  public static final String FILE_NAME = "config.json";

  // Linux: __NEW_UTS_LEN in include/uapi/linux/utsname.h.
  private static final int HOST_NAME_BYTES = 64;

  /** Copies what is mutable. */
  public Spec {
    mounts = List.copyOf(mounts);
    annotations = Documents.copy(annotations);
  }

  /**
   * Reads a configuration.
   *
   * @param document the content of config.json, at most {@link JsonLimits#OCI} large
   * @throws dev.casemate.model.CasemateException INVALID_ARGUMENT with the place and what is wrong
   *     there; UNSUPPORTED for a version or platform that is not ours
   */
  public static Spec parse(byte[] document) {
    return parse(Json.parseObject(document, FILE_NAME, JsonLimits.OCI));
  }

  /** The same for what is parsed already. */
  public static Spec parse(JsonObject document) {
    JsonCursor at = JsonCursor.of(document, FILE_NAME);
    String version = SpecVersion.parse(at);
    refuseOtherPlatforms(at);
    JsonCursor hooks = at.find("hooks");
    JsonCursor linux = at.find("linux");
    return new Spec(
        version,
        ProcessSpec.parse(at.require("process")),
        Root.parse(at.require("root")),
        hostName(at, "hostname"),
        hostName(at, "domainname"),
        Documents.list(at, "mounts", Mount::parse),
        hooks == null ? Hooks.NONE : Hooks.parse(hooks),
        at.textMap("annotations"),
        linux == null ? LinuxSpec.NONE : LinuxSpec.parse(linux));
  }

  private static void refuseOtherPlatforms(JsonCursor at) {
    for (String platform : List.of("solaris", "windows", "zos")) {
      JsonCursor section = at.find(platform);
      if (section != null) {
        throw section.error(
            ErrorCode.UNSUPPORTED, "containers here run Linux", "remove the section");
      }
    }
    JsonCursor vm = at.find("vm");
    if (vm != null) {
      // It names host files to boot from, which whoever writes a bundle must not choose.
      throw vm.error(
          ErrorCode.UNSUPPORTED,
          "a bundle cannot choose the virtual machine",
          "remove the section; the host's configuration.toml decides");
    }
  }

  private static @Nullable String hostName(JsonCursor at, String member) {
    String name = at.text(member);
    if (name != null && name.length() > HOST_NAME_BYTES) {
      throw at.require(member)
          .error("it is longer than " + HOST_NAME_BYTES + " characters", "shorten it");
    }
    return name;
  }

  /** Writes it back. */
  public JsonObject toJson() {
    JsonObject hooksJson = hooks.toJson();
    JsonObject linuxJson = linux.toJson();
    return JsonObject.builder()
        .put("ociVersion", ociVersion)
        .put("process", process.toJson())
        .put("root", root.toJson())
        .put("hostname", hostname)
        .put("domainname", domainname)
        .putArray("mounts", Documents.array(mounts, Mount::toJson))
        .put("hooks", hooksJson.members().isEmpty() ? null : hooksJson)
        .putStrings("annotations", annotations)
        .put("linux", linuxJson.members().isEmpty() ? null : linuxJson)
        .build();
  }

  /** The same running something else. */
  public Spec withProcess(ProcessSpec other) {
    return new Spec(
        ociVersion, other, root, hostname, domainname, mounts, hooks, annotations, linux);
  }

  /** The same with another root file system. */
  public Spec withRoot(Root other) {
    return new Spec(
        ociVersion, process, other, hostname, domainname, mounts, hooks, annotations, linux);
  }

  /** The same with other mounts. */
  public Spec withMounts(List<Mount> other) {
    return new Spec(
        ociVersion, process, root, hostname, domainname, other, hooks, annotations, linux);
  }

  /** The same with other hooks. */
  public Spec withHooks(Hooks other) {
    return new Spec(
        ociVersion, process, root, hostname, domainname, mounts, other, annotations, linux);
  }

  /** The same with other annotations. */
  public Spec withAnnotations(Map<String, String> other) {
    return new Spec(ociVersion, process, root, hostname, domainname, mounts, hooks, other, linux);
  }

  /** The same with another Linux section. */
  public Spec withLinux(LinuxSpec other) {
    return new Spec(
        ociVersion, process, root, hostname, domainname, mounts, hooks, annotations, other);
  }
}
