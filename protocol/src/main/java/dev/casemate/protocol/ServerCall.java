package dev.casemate.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through a server: runs the handler on its own thread, answers, and is
 * cancelled by the connection's reader or by the server's timer.
 */
final class ServerCall implements Call, Runnable {
  private final ServerConnection connection;
  private final int streamId;
  private final Service.Method method;
  private final RequestEnvelope request;
  private final Deadline deadline;
  private final Inbox inbox = new Inbox();

  /** What the timer holds; set before the thread starts, null when there is no deadline. */
  private @Nullable Future<?> timer;

  /** Guards the fields below; held over nothing that blocks. */
  private final Object state = new Object();

  private final List<Runnable> cancelActions = new ArrayList<>();
  private @Nullable Thread thread;
  private boolean cancelled;
  private boolean writing;
  private boolean done;

  ServerCall(
      ServerConnection connection, int streamId, Service.Method method, RequestEnvelope request) {
    this.connection = connection;
    this.streamId = streamId;
    this.method = method;
    this.request = request;
    this.deadline = Deadline.afterNanos(request.timeoutNanos());
  }

  int streamId() {
    return streamId;
  }

  Deadline deadline() {
    return deadline;
  }

  Inbox inbox() {
    return inbox;
  }

  /** Bytes of the request that are kept in memory for as long as the call runs. */
  int bytes() {
    return request.payload().size();
  }

  /** Whether data may come after the request. */
  boolean streams() {
    return !(method instanceof Service.Method.Unary<?, ?>);
  }

  void timer(Future<?> future) {
    this.timer = future;
  }

  @Override
  public void run() {
    synchronized (state) {
      thread = Thread.currentThread();
      if (cancelled) {
        thread.interrupt();
      }
    }
    byte[] answer;
    try {
      answer = handle();
    } catch (InterruptedException interrupted) {
      answer = ResponseEnvelope.encode(streamId, interruption(interrupted));
    } catch (Throwable failure) {
      answer = ResponseEnvelope.encode(streamId, classify(failure));
    }
    finish();
    connection.answer(this, answer);
  }

  private byte[] handle() throws InterruptedException {
    return switch (method) {
      case Service.Method.Unary<?, ?> unary -> answer(unary);
      case Service.Method.Collecting<?, ?> collecting -> answer(collecting);
      case Service.Method.Streaming<?, ?> streaming -> answer(streaming);
    };
  }

  private <Q extends MessageLite, R extends MessageLite> byte[] answer(
      Service.Method.Unary<Q, R> unary) throws InterruptedException {
    R response = unary.handler().handle(parse(unary.parser(), request.payload()), this);
    return ResponseEnvelope.encode(streamId, response);
  }

  private <Q extends MessageLite, R extends MessageLite> byte[] answer(
      Service.Method.Collecting<Q, R> collecting) throws InterruptedException {
    Conversation<Q, R> conversation = new Conversation<>(collecting.parser());
    return ResponseEnvelope.encode(streamId, collecting.handler().handle(conversation, this));
  }

  private <Q extends MessageLite, R extends MessageLite> byte[] answer(
      Service.Method.Streaming<Q, R> streaming) throws InterruptedException {
    streaming.handler().handle(new Conversation<>(streaming.parser()), this);
    byte[] end = Payloads.frame(0);
    Wire.putHeader(end, streamId, Wire.DATA, Wire.REMOTE_CLOSED | Wire.NO_DATA);
    return end;
  }

  private static <Q extends MessageLite> Q parse(Parser<Q> parser, ByteString bytes) {
    try {
      return Payloads.parse(parser, bytes);
    } catch (InvalidProtocolBufferException malformed) {
      throw new TtrpcException(
          StatusCode.INVALID_ARGUMENT, "the request is malformed: " + malformed.getMessage());
    }
  }

  private TtrpcException interruption(InterruptedException interrupted) {
    boolean asked;
    synchronized (state) {
      asked = cancelled;
    }
    if (!asked) {
      return classify(interrupted);
    }
    return deadline.passed()
        ? new TtrpcException(StatusCode.DEADLINE_EXCEEDED, "the request's time ran out")
        : new TtrpcException(StatusCode.CANCELLED, "the connection ended");
  }

  private TtrpcException classify(Throwable failure) {
    TtrpcException told = RpcStatus.of(failure);
    if (told.status() == StatusCode.INTERNAL) {
      // Looked up here, since a logger costs start-up time that a sound request need not pay.
      System.getLogger(ServerCall.class.getName())
          .log(
              System.Logger.Level.ERROR,
              () -> "request " + request.service() + "/" + request.method() + " failed",
              failure);
    }
    return told;
  }

  /** From here on the thread is not interrupted any more, so that the answer can be written. */
  private void finish() {
    synchronized (state) {
      done = true;
      cancelActions.clear();
    }
    // Clears the interrupt of a cancellation that the handler did not notice.
    Thread.interrupted();
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** Tells the handler that nobody waits any more; again does nothing. */
  void cancel() {
    List<Runnable> actions;
    synchronized (state) {
      if (done || cancelled) {
        return;
      }
      cancelled = true;
      if (thread != null && !writing) {
        thread.interrupt();
      }
      actions = List.copyOf(cancelActions);
      cancelActions.clear();
    }
    actions.forEach(Runnable::run);
  }

  @Override
  public Map<String, String> metadata() {
    return Map.copyOf(request.metadata());
  }

  @Override
  public OptionalLong remainingNanos() {
    return deadline.remainingNanos();
  }

  @Override
  public boolean cancelled() {
    synchronized (state) {
      return cancelled;
    }
  }

  @Override
  public void onCancel(Runnable action) {
    synchronized (state) {
      if (!cancelled) {
        if (!done) {
          cancelActions.add(action);
        }
        return;
      }
    }
    action.run();
  }

  /** The stream in the handler's hands. */
  private final class Conversation<Q extends MessageLite, R extends MessageLite>
      implements ServerStream<Q, R> {
    private final Parser<Q> parser;

    Conversation(Parser<Q> parser) {
      this.parser = parser;
    }

    @Override
    public @Nullable Q receive() throws InterruptedException {
      // The timer cancels the call when its deadline comes.
      ByteString message = inbox.take(Deadline.NEVER);
      return message == null ? null : parse(parser, message);
    }

    @Override
    public void send(R message) {
      byte[] frame = Payloads.encode(message, 0);
      Wire.putStreamId(frame, streamId);
      beginWrite();
      try {
        connection.write(frame);
      } catch (IOException broken) {
        throw new TtrpcException(StatusCode.UNAVAILABLE, "the connection broke", broken);
      } finally {
        endWrite();
      }
    }

    /** An interrupt within a write closes a channel of java.nio: it is kept back. */
    private void beginWrite() {
      synchronized (state) {
        writing = true;
      }
    }

    private void endWrite() {
      synchronized (state) {
        writing = false;
        if (cancelled) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
