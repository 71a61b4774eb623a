package dev.casemate.host.control;

import dev.casemate.model.ContainerId;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A container to be made, as the command line asks the monitor for it.
 *
 * @param root where the containers' state is kept
 * @param bundle the bundle's directory, absolute
 * @param consoleSocket where the terminal's master goes, or null
 * @param scratch whether the root file system is only a lower layer, and writes are thrown away
 * @param loopbackOnly whether nobody will ever put an interface into the network namespace
 * @param begunMillis when the caller began, in milliseconds since the epoch, for phase times
 */
public record CreateRequest(
    Path root,
    ContainerId id,
    Path bundle,
    @Nullable Path consoleSocket,
    boolean scratch,
    boolean loopbackOnly,
    long begunMillis) {
  /** Reads it back. */
  public static CreateRequest parse(JsonCursor at) {
    String console = at.text("consoleSocket");
    return new CreateRequest(
        Path.of(at.require("root").text()),
        new ContainerId(at.require("id").text()),
        Path.of(at.require("bundle").text()),
        console == null ? null : Path.of(console),
        at.flag("scratch"),
        at.flag("loopbackOnly"),
        at.require("begunMillis").integer(0, Long.MAX_VALUE));
  }

  /** Writes it. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("root", root.toString())
        .put("id", id.value())
        .put("bundle", bundle.toString())
        .put("consoleSocket", consoleSocket == null ? null : consoleSocket.toString())
        .putFlag("scratch", scratch)
        .putFlag("loopbackOnly", loopbackOnly)
        .put("begunMillis", begunMillis)
        .build();
  }
}
