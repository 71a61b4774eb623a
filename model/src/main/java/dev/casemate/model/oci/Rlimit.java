package dev.casemate.model.oci;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;

/**
 * A limit of setrlimit(2).
 *
 * @param type its name, {@code RLIMIT_NOFILE}
 * @param hard the ceiling, an unsigned number
 * @param soft what is enforced, an unsigned number that is not above the ceiling
 */
public record Rlimit(String type, long hard, long soft) {

  /** Reads it from a document; members that this version does not know are ignored. */
  static Rlimit parse(JsonCursor at) {
    Rlimit parsed =
        new Rlimit(
            at.require("type").text(),
            at.require("hard").unsigned(),
            at.require("soft").unsigned());
    if (!parsed.type.startsWith("RLIMIT_")) {
      throw at.require("type").error("it is no name of a limit", "names begin with RLIMIT_");
    }
    if (Long.compareUnsigned(parsed.soft, parsed.hard) > 0) {
      throw at.require("soft").error("it is above the hard limit", "lower it or raise hard");
    }
    return parsed;
  }

  /** Writes it back. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("type", type)
        .putUnsigned("hard", hard)
        .putUnsigned("soft", soft)
        .build();
  }
}
