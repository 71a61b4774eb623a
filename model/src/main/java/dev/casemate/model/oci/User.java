package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom a process runs as (runtime-spec, config, "POSIX-platform User").
 *
 * @param uid the user id in the container, 0 to 2^32-1
 * @param gid the group id in the container, 0 to 2^32-1
 * @param umask the file mode creation mask, or null for the default
 * @param additionalGids further groups, each 0 to 2^32-1
 * @param username a name, which only Windows uses
 */
public record User(
    long uid,
    long gid,
    @Nullable Long umask,
    List<Long> additionalGids,
    @Nullable String username) {
  /** Copies what is mutable. */
  public User {
    additionalGids = List.copyOf(additionalGids);
  }

  /** Reads it from a document; members that this version does not know are ignored. */
  static User parse(JsonCursor at) {
    return new User(
        Documents.uint32OrZero(at, "uid"),
        Documents.uint32OrZero(at, "gid"),
        at.optionalUint32("umask"),
        Documents.uint32s(at, "additionalGids"),
        at.text("username"));
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("uid", uid)
        .put("gid", gid)
        .put("umask", umask)
        .putArray("additionalGids", Documents.numbers(additionalGids))
        .put("username", username)
        .build();
  }
}
