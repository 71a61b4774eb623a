package dev.casemate.host.control;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.nio.file.Path;

/** The FIFOs between a monitor and one stand-in: orders to it, reports from it. */
public record StandInFifos(Path orders, Path reports) {
  /** Reads it back. */
  public static StandInFifos parse(JsonCursor at) {
    return new StandInFifos(
        Path.of(at.require("orders").text()), Path.of(at.require("reports").text()));
  }

  /** Writes it. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("orders", orders.toString())
        .put("reports", reports.toString())
        .build();
  }
}
