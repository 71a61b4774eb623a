package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The filter on system calls (runtime-spec, config-linux, "Seccomp"). Names of actions,
 * architectures and calls are judged by the guest, whose libseccomp decides.
 *
 * @param defaultAction for calls that no rule names
 * @param defaultErrnoRet its errno, or null for EPERM
 * @param architectures further architectures, {@code SCMP_ARCH_X86}
 * @param flags for seccomp(2)
 * @param listenerPath a socket that gets the notification descriptor
 * @param listenerMetadata what that socket is told
 * @param syscalls the rules
 */
public record Seccomp(
    String defaultAction,
    @Nullable Long defaultErrnoRet,
    List<String> architectures,
    List<String> flags,
    @Nullable String listenerPath,
    @Nullable String listenerMetadata,
    List<SeccompSyscall> syscalls) {
  /** Copies what is mutable. */
  public Seccomp {
    architectures = List.copyOf(architectures);
    flags = List.copyOf(flags);
    syscalls = List.copyOf(syscalls);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static Seccomp parse(JsonCursor at) {
    return new Seccomp(
        at.require("defaultAction").text(),
        at.optionalUint32("defaultErrnoRet"),
        at.texts("architectures"),
        at.texts("flags"),
        at.text("listenerPath"),
        at.text("listenerMetadata"),
        Documents.list(at, "syscalls", SeccompSyscall::parse));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("defaultAction", defaultAction)
        .put("defaultErrnoRet", defaultErrnoRet)
        .putStrings("architectures", architectures)
        .putStrings("flags", flags)
        .put("listenerPath", listenerPath)
        .put("listenerMetadata", listenerMetadata)
        .putArray("syscalls", Documents.array(syscalls, SeccompSyscall::toJson))
        .build();
  }
}
