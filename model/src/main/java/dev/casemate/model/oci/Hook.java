package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program that the runtime runs at a point of the lifecycle (runtime-spec, config,
 * "POSIX-platform Hooks").
 *
 * @param path the program, absolute
 * @param args its arguments, the first one its own name; may be empty
 * @param env its whole environment
 * @param timeout seconds until it counts as failed, at least 1, or null for no bound of its own
 */
public record Hook(String path, List<String> args, List<String> env, @Nullable Integer timeout) {
  /** Copies what is mutable. */
  public Hook {
    args = List.copyOf(args);
    env = List.copyOf(env);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  public static Hook parse(JsonCursor at) {
    Hook parsed =
        new Hook(
            at.require("path").text(),
            at.texts("args"),
            at.texts("env"),
            at.optionalInt("timeout"));
    if (!parsed.path.startsWith("/")) {
      throw at.require("path").error("it is not absolute", "write the whole path of the hook");
    }
    if (parsed.timeout != null && parsed.timeout < 1) {
      throw at.require("timeout").error("it is less than 1 second", "leave it out for no bound");
    }
    return parsed;
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("path", path)
        .putStrings("args", args)
        .putStrings("env", env)
        .put("timeout", timeout)
        .build();
  }
}
