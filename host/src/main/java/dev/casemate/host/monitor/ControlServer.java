package dev.casemate.host.monitor;

import dev.casemate.host.control.ControlRequest;
import dev.casemate.host.control.Message;
import dev.casemate.host.control.MessageStream;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Takes the verbs' connections, one request each, on a virtual thread each. Only root may connect:
 * the socket lies in a directory that others pass through.
 */
final class ControlServer implements AutoCloseable {
  /** What answers requests. */
  interface Handler {
    /** Answers one; the stream is for requests that take more than one message. */
    JsonObject handle(ControlRequest request, MessageStream stream) throws IOException;
  }

  private final ServerSocketChannel listener;
  private final Handler handler;
  private final Consumer<String> log;

  /** One party for each verb that is being answered, and one for this server. */
  private final Phaser answering = new Phaser(1);

  private ControlServer(ServerSocketChannel listener, Handler handler, Consumer<String> log) {
    this.listener = listener;
    this.handler = handler;
    this.log = log;
  }

  static ControlServer listen(Path socket, Handler handler, Consumer<String> log) {
    try {
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      ControlServer server = new ControlServer(listener, handler, log);
      Thread.ofPlatform().daemon().name("control").start(server::accept);
      return server;
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT, "listen on " + socket, String.valueOf(failure), "", failure);
    }
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = listener.accept();
        Thread.ofVirtual().name("verb").start(() -> serve(connection));
      }
    } catch (IOException closed) {
      // The sandbox has ended.
    }
  }

  private void serve(SocketChannel connection) {
    try (MessageStream stream =
        new MessageStream(
            new BufferedInputStream(Channels.newInputStream(connection)),
            Channels.newOutputStream(connection),
            connection)) {
      try {
        Message message = stream.receive();
        if (message != null) {
          answer(message, stream);
        }
      } catch (CasemateException failure) {
        stream.sendError(failure);
      }
    } catch (IOException callerGone) {
      log.accept("a caller went away: " + callerGone.getMessage());
    }
  }

  private void answer(Message message, MessageStream stream) throws IOException {
    answering.register();
    try {
      stream.send(Message.DONE, handler.handle(ControlRequest.parse(message), stream));
    } catch (CasemateException failure) {
      stream.sendError(failure);
    } catch (RuntimeException defect) {
      log.accept("request " + message.kind() + ": " + defect);
      stream.sendError(
          new CasemateException(
              ErrorCode.BUG, message.kind() + " the container", defect.toString(), "", defect));
    } finally {
      answering.arriveAndDeregister();
    }
  }

  /**
   * Waits until every verb that was asked for has been answered; once, after {@link #close}.
   *
   * @return false when the bound ran out before
   */
  boolean awaitAnswers(Duration bound) {
    int phase = answering.arriveAndDeregister();
    try {
      answering.awaitAdvanceInterruptibly(phase, bound.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException busy) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException impossible) {
      log.accept("close the control socket: " + impossible.getMessage());
    }
  }
}
