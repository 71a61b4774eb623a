package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens on system calls.
 *
 * @param names the calls
 * @param action {@code SCMP_ACT_ALLOW} or another
 * @param errnoRet the errno to fail with, or null for EPERM
 * @param args conditions that must all hold
 */
public record SeccompSyscall(
    List<String> names, String action, @Nullable Long errnoRet, List<SeccompArgument> args) {
  /** Copies what is mutable. */
  public SeccompSyscall {
    names = List.copyOf(names);
    args = List.copyOf(args);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static SeccompSyscall parse(JsonCursor at) {
    return new SeccompSyscall(
        at.texts("names"),
        at.require("action").text(),
        at.optionalUint32("errnoRet"),
        Documents.list(at, "args", SeccompArgument::parse));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .putStrings("names", names)
        .put("action", action)
        .put("errnoRet", errnoRet)
        .putArray("args", Documents.array(args, SeccompArgument::toJson))
        .build();
  }
}
