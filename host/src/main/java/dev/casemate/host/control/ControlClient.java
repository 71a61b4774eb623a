package dev.casemate.host.control;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * One verb's connection to the monitor of a container. Owned by one thread; it waits for as long as
 * the monitor takes, which bounds whatever it does, and learns at once when the monitor dies.
 */
public final class ControlClient implements AutoCloseable {
  private final MessageStream stream;

  private ControlClient(MessageStream stream) {
    this.stream = stream;
  }

  /**
   * Connects.
   *
   * @throws CasemateException HELPER_DIED when nobody listens there
   */
  public static ControlClient connect(Path socket) {
    try {
      SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
      return new ControlClient(
          new MessageStream(
              new BufferedInputStream(Channels.newInputStream(channel)),
              Channels.newOutputStream(channel),
              channel));
    } catch (IOException refused) {
      throw dead(refused);
    }
  }

  /** Sends a request and waits for its one answer. */
  public JsonCursor call(ControlRequest request) {
    send(request.kind(), request.toJson());
    return expect(Message.DONE);
  }

  /** Asks for a further process; tells the FIFOs that its stand-in needs. */
  public StandInFifos beginExec(ControlRequest.Exec request) {
    send(request.kind(), request.toJson());
    return StandInFifos.parse(expect(Message.READY));
  }

  /** Names the stand-in and waits until the process runs. */
  public void finishExec(long standIn) {
    send(Message.STAND_IN, JsonObject.builder().put("pid", standIn).build());
    expect(Message.DONE);
  }

  private void send(String kind, JsonObject content) {
    try {
      stream.send(kind, content);
    } catch (IOException broken) {
      throw dead(broken);
    }
  }

  private JsonCursor expect(String kind) {
    try {
      return stream.expect(kind);
    } catch (IOException broken) {
      throw dead(broken);
    }
  }

  private static CasemateException dead(IOException why) {
    return new CasemateException(
        ErrorCode.HELPER_DIED,
        "reach the container's monitor",
        String.valueOf(why.getMessage()),
        "the container is gone; delete it",
        why);
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
