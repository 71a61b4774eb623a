package dev.casemate.shim;

import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The answer of {@code start}. All versions of containerd take the bare address; those from 1.7 on
 * say in {@code MAX_SHIM_VERSION} what else they take. Version 3 differs from 2 in the name of the
 * Task service, and containerd then starts a shim only for a pod and not for each of its
 * containers.
 */
final class Bootstrap {
  private static final int NEWEST = 3;
  private static final int OLDEST = 2;

  private Bootstrap() {}

  /** A socket's address. */
  static String address(Path socket) {
    return "unix://" + socket;
  }

  /**
   * The answer.
   *
   * @param most what containerd says, or null for one that says nothing
   */
  static String answer(Path socket, @Nullable String most) {
    int version = version(most);
    if (version < OLDEST) {
      return address(socket);
    }
    return JsonWriter.compact(
        JsonObject.builder()
            .put("version", version)
            .put("address", address(socket))
            .put("protocol", "ttrpc")
            .build());
  }

  private static int version(@Nullable String most) {
    if (most == null) {
      return 0;
    }
    try {
      return Math.min(NEWEST, Integer.parseInt(most.strip()));
    } catch (NumberFormatException unknown) {
      return 0;
    }
  }
}
