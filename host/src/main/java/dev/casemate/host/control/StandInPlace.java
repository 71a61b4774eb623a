package dev.casemate.host.control;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.nio.file.Path;

/**
 * Where the stand-in of a container's first process belongs.
 *
 * @param fifos between it and the monitor
 * @param network the file of the network namespace that takes the place of a new one
 */
public record StandInPlace(StandInFifos fifos, Path network) {
  /** Reads it back. */
  public static StandInPlace parse(JsonCursor at) {
    return new StandInPlace(
        StandInFifos.parse(at.require("fifos")), Path.of(at.require("network").text()));
  }

  /** Writes it. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("fifos", fifos.toJson())
        .put("network", network.toString())
        .build();
  }
}
