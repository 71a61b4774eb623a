package dev.casemate.host.network;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.RouteSocket;
import dev.casemate.linux.netlink.TrafficControl;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What has to be known to undo a sandbox's connections when the process that made them is dead: a
 * file in the run directory names the namespace, and what was made there carries a mark.
 */
public final class NetworkTraces {
  private static final String FILE = "network.json";

  private final Path runDirectory;

  /** The traces of the sandbox with this run directory. */
  public NetworkTraces(Path runDirectory) {
    this.runDirectory = runDirectory;
  }

  /** What the sandbox's filters are marked with: at most 16 bytes. */
  String mark() {
    return TapNetwork.MARK_PREFIX + runDirectory.getFileName();
  }

  /** Notes the namespace before anything in it is changed. */
  void write(Path namespace, long inode) {
    JsonObject document =
        JsonObject.builder().put("namespace", namespace.toString()).put("inode", inode).build();
    try {
      Files.writeString(runDirectory.resolve(FILE), document.toJson());
    } catch (IOException failure) {
      throw unfit("note the network namespace " + namespace, failure);
    }
  }

  /** Nothing is left to be undone. */
  void forget() {
    try {
      Files.deleteIfExists(runDirectory.resolve(FILE));
    } catch (IOException failure) {
      throw unfit("remove a file of " + runDirectory, failure);
    }
  }

  /**
   * Undoes what is left. Nothing happens when nothing is, or when the namespace is gone, and with
   * it all that was in it.
   */
  public void remove() {
    String text;
    try {
      text = Files.readString(runDirectory.resolve(FILE), StandardCharsets.UTF_8);
    } catch (NoSuchFileException none) {
      return;
    } catch (IOException failure) {
      throw unfit("read a file of " + runDirectory, failure);
    }
    try {
      JsonCursor at = JsonCursor.of(Json.parseObject(text, FILE, JsonLimits.SMALL), FILE);
      clear(
          Path.of(at.require("namespace").text()), at.require("inode").integer(0, Long.MAX_VALUE));
    } catch (CasemateException cutShort) {
      if (cutShort.code() != ErrorCode.INVALID_ARGUMENT) {
        throw cutShort;
      }
      // Its writer died before it changed anything.
    }
    forget();
  }

  private void clear(Path file, long inode) {
    Optional<SandboxNamespace> found = SandboxNamespace.find(file, inode);
    if (found.isEmpty()) {
      return;
    }
    try (SandboxNamespace namespace = found.get();
        RouteSocket socket = namespace.within(RouteSocket::open)) {
      TrafficControl control = socket.trafficControl();
      for (Link link : socket.links()) {
        if (link.loopback()) {
          LoopbackGate.clear(control, link.index(), mark());
        } else {
          Mirror.clear(control, link.index(), mark());
        }
      }
    } catch (LinuxException failure) {
      throw unfit("clean the network namespace " + file, failure);
    }
  }

  private static CasemateException unfit(String tried, Exception failure) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT, tried, String.valueOf(failure.getMessage()), "", failure);
  }
}
