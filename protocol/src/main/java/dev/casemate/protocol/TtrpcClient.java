package dev.casemate.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a ttRPC connection, for calls from any number of threads at once. It owns a
 * thread that reads and one that writes; both end with the connection. The peer is not trusted:
 * what it sends is bounded, and what nobody waits for is not even stored. How many calls wait is
 * bounded by the callers, each of which has a thread in it.
 */
public final class TtrpcClient implements AutoCloseable {
  private final Closeable channel;
  private final ConnectionOptions options;
  private final FrameReader reader;
  private final Outbox outbox;
  private final Map<Integer, Exchange> exchanges = new ConcurrentHashMap<>();

  /** Touched while a frame is put into the outbox, which does one at a time. */
  private int lastStreamId = -1;

  /** Guards the two fields below. */
  private final Object state = new Object();

  private final List<Consumer<TtrpcException>> closeActions = new ArrayList<>();
  private volatile @Nullable TtrpcException end;

  /** A client with virtual threads, see {@link ConnectionOptions#virtual}. */
  public TtrpcClient(InputStream in, OutputStream out, Closeable channel) {
    this(in, out, channel, ConnectionOptions.virtual("ttrpc-client"));
  }

  /**
   * Starts on a connection that is up.
   *
   * @param channel what closes both streams, and with it ends reads and writes that block
   */
  public TtrpcClient(
      InputStream in, OutputStream out, Closeable channel, ConnectionOptions options) {
    this.channel = Objects.requireNonNull(channel, "channel is null");
    this.options = Objects.requireNonNull(options, "options is null");
    this.reader = new FrameReader(Objects.requireNonNull(in, "in is null"));
    this.outbox = new Outbox(new FrameWriter(Objects.requireNonNull(out, "out is null")));
    options.start(options.reader(), "-reader", this::readAll);
    options.start(options.reader(), "-writer", this::writeAll);
  }

  /**
   * Makes a call that has one answer.
   *
   * @param service package and name, as in {@code grpc.Health}
   * @param timeout until the answer is there; also told to the server; zero for none
   * @throws TtrpcException with the status that the server answered with; DEADLINE_EXCEEDED;
   *     UNAVAILABLE when the connection has ended; RESOURCE_EXHAUSTED when request or answer do not
   *     fit into a frame; CANCELLED when the thread was interrupted, which stays set
   */
  public <R extends MessageLite> R call(
      String service, String method, MessageLite request, Parser<R> parser, Duration timeout) {
    return call(service, method, request, parser, timeout, Map.of());
  }

  /**
   * The same with metadata.
   *
   * @param metadata sent beside the request; keys in lower case
   */
  public <R extends MessageLite> R call(
      String service,
      String method,
      MessageLite request,
      Parser<R> parser,
      Duration timeout,
      Map<String, String> metadata) {
    Deadline deadline = Deadline.after(timeout);
    byte[] frame = RequestEnvelope.encode(service, method, request, onWire(deadline), metadata, 0);
    Exchange.Unary exchange = new Exchange.Unary();
    Opening opening = new Opening(exchange);
    try {
      send(frame, opening, deadline);
      return parse(parser, exchange.await(deadline));
    } catch (InterruptedException interrupted) {
      throw cancelled(interrupted);
    } finally {
      opening.forget();
    }
  }

  /**
   * Opens a stream on which the server sends messages after one request.
   *
   * @param timeout of the whole stream; zero for none
   * @throws TtrpcException as {@link #call} does
   */
  public <Q extends MessageLite, R extends MessageLite> ClientStream<Q, R> openServerStream(
      String service, String method, Q request, Parser<R> parser, Duration timeout) {
    return open(service, method, request, parser, timeout, Wire.REMOTE_CLOSED);
  }

  /**
   * Opens a stream on which the client sends messages; the server sends messages too, or one when
   * the client has sent its last.
   *
   * @param timeout of the whole stream; zero for none
   * @throws TtrpcException as {@link #call} does
   */
  public <Q extends MessageLite, R extends MessageLite> ClientStream<Q, R> openStream(
      String service, String method, Parser<R> parser, Duration timeout) {
    return open(service, method, null, parser, timeout, Wire.REMOTE_OPEN);
  }

  private <Q extends MessageLite, R extends MessageLite> ClientStream<Q, R> open(
      String service,
      String method,
      @Nullable Q request,
      Parser<R> parser,
      Duration timeout,
      int flags) {
    Deadline deadline = Deadline.after(timeout);
    byte[] frame =
        RequestEnvelope.encode(service, method, request, onWire(deadline), Map.of(), flags);
    Exchange.Streaming exchange = new Exchange.Streaming();
    Opening opening = new Opening(exchange);
    try {
      send(frame, opening, deadline);
    } catch (InterruptedException interrupted) {
      opening.forget();
      throw cancelled(interrupted);
    } catch (RuntimeException failed) {
      opening.forget();
      throw failed;
    }
    return new Conversation<>(opening, exchange, parser, deadline, flags == Wire.REMOTE_CLOSED);
  }

  private static long onWire(Deadline deadline) {
    return deadline.bounded() ? Math.max(1, deadline.remaining()) : 0;
  }

  private void send(byte[] frame, IntSupplier streamId, Deadline deadline)
      throws InterruptedException {
    boolean sent;
    try {
      sent = outbox.put(frame, streamId, deadline);
    } catch (TtrpcException closed) {
      TtrpcException why = end;
      throw why == null ? closed : why.again();
    }
    if (!sent) {
      throw new TtrpcException(
          StatusCode.DEADLINE_EXCEEDED, "the peer does not take what is sent to it");
    }
  }

  private static <R extends MessageLite> R parse(Parser<R> parser, ByteString payload) {
    try {
      return Payloads.parse(parser, payload);
    } catch (InvalidProtocolBufferException malformed) {
      throw new TtrpcException(StatusCode.INTERNAL, "the answer is malformed", malformed);
    }
  }

  private static TtrpcException cancelled(InterruptedException interrupted) {
    Thread.currentThread().interrupt();
    return new TtrpcException(StatusCode.CANCELLED, "the caller was interrupted", interrupted);
  }

  /** Gives an exchange its stream id, and takes it back. */
  private final class Opening implements IntSupplier {
    private final Exchange exchange;
    private volatile int id;

    Opening(Exchange exchange) {
      this.exchange = exchange;
    }

    /** Ids go up, wrap after 2^31 streams, and pass over those that are still in use. */
    @Override
    public int getAsInt() {
      do {
        lastStreamId += 2;
      } while (exchanges.putIfAbsent(lastStreamId, exchange) != null);
      id = lastStreamId;
      return id;
    }

    void forget() {
      if (id != 0) {
        exchanges.remove(id, exchange);
      }
    }
  }

  private void readAll() {
    try {
      while (reader.next()) {
        take();
      }
      end(new TtrpcException(StatusCode.UNAVAILABLE, "the peer closed the connection"));
    } catch (ProtocolViolation violation) {
      end(
          new TtrpcException(
              StatusCode.UNAVAILABLE, "the peer broke the protocol: " + violation.getMessage()));
    } catch (IOException broken) {
      end(new TtrpcException(StatusCode.UNAVAILABLE, "the connection broke", broken));
    } finally {
      // Holds only when an Error ended the thread; nobody may wait for it then.
      end(new TtrpcException(StatusCode.UNAVAILABLE, "the connection's reader failed"));
    }
  }

  private void take() throws IOException {
    Exchange exchange = exchanges.get(reader.streamId());
    int type = reader.type();
    if (exchange == null || (type != Wire.RESPONSE && type != Wire.DATA)) {
      // A call that nobody waits for any more, or a type of a later version.
      reader.skip();
      return;
    }
    if (reader.length() > options.maxData()) {
      int length = reader.length();
      reader.skip();
      exchange.fail(
          new TtrpcException(
              StatusCode.RESOURCE_EXHAUSTED,
              "the answer has " + length + " bytes, more than " + options.maxData()));
      return;
    }
    byte[] data = reader.data();
    boolean last = type == Wire.RESPONSE || (reader.flags() & Wire.REMOTE_CLOSED) != 0;
    if (last) {
      exchanges.remove(reader.streamId(), exchange);
    }
    if (type == Wire.RESPONSE) {
      exchange.response(data);
    } else {
      exchange.data(data, reader.flags());
    }
  }

  private void writeAll() {
    try {
      outbox.run();
    } catch (IOException broken) {
      end(new TtrpcException(StatusCode.UNAVAILABLE, "the connection broke", broken));
    } finally {
      end(new TtrpcException(StatusCode.UNAVAILABLE, "the connection's writer failed"));
    }
  }

  /** Ends the connection; the first reason holds. */
  private void end(TtrpcException why) {
    List<Consumer<TtrpcException>> actions;
    synchronized (state) {
      if (end != null) {
        return;
      }
      end = why;
      actions = List.copyOf(closeActions);
      closeActions.clear();
    }
    outbox.close();
    try {
      channel.close();
    } catch (IOException alreadyBroken) {
      why.addSuppressed(alreadyBroken);
    }
    exchanges.values().forEach(exchange -> exchange.fail(why));
    actions.forEach(action -> action.accept(why));
  }

  /**
   * Runs an action once when the connection has ended, at once if it has; the argument says why.
   * The action runs on a thread of the connection or on the one that closes it, and must not block.
   */
  public void onClose(Consumer<TtrpcException> action) {
    TtrpcException why;
    synchronized (state) {
      why = end;
      if (why == null) {
        closeActions.add(action);
        return;
      }
    }
    action.accept(why);
  }

  /** Calls can be made. */
  public boolean isOpen() {
    return end == null;
  }

  /** Why the connection ended; empty while it is open. */
  public Optional<TtrpcException> failure() {
    return Optional.ofNullable(end);
  }

  /** Ends the connection; calls that wait fail with UNAVAILABLE. Again does nothing. */
  @Override
  public void close() {
    end(new TtrpcException(StatusCode.UNAVAILABLE, "the connection was closed on this side"));
  }

  /** A stream in the hands of a caller. */
  private final class Conversation<Q extends MessageLite, R extends MessageLite>
      implements ClientStream<Q, R> {
    private final Opening opening;
    private final Exchange.Streaming exchange;
    private final Parser<R> parser;
    private final Deadline deadline;
    private boolean sendClosed;

    Conversation(
        Opening opening,
        Exchange.Streaming exchange,
        Parser<R> parser,
        Deadline deadline,
        boolean sendClosed) {
      this.opening = opening;
      this.exchange = exchange;
      this.parser = parser;
      this.deadline = deadline;
      this.sendClosed = sendClosed;
    }

    @Override
    public void send(Q message) {
      if (sendClosed) {
        throw new IllegalStateException("this side of the stream is closed");
      }
      put(Payloads.encode(message, 0));
    }

    @Override
    public void closeSend() {
      if (!sendClosed) {
        sendClosed = true;
        byte[] frame = Payloads.frame(0);
        Wire.putHeader(frame, 0, Wire.DATA, Wire.REMOTE_CLOSED | Wire.NO_DATA);
        put(frame);
      }
    }

    private void put(byte[] frame) {
      try {
        TtrpcClient.this.send(frame, () -> opening.id, deadline);
      } catch (InterruptedException interrupted) {
        throw cancelled(interrupted);
      }
    }

    @Override
    public @Nullable R receive() {
      try {
        ByteString message = exchange.inbox.take(deadline);
        return message == null ? null : parse(parser, message);
      } catch (InterruptedException interrupted) {
        throw cancelled(interrupted);
      }
    }

    @Override
    public void close() {
      opening.forget();
    }
  }
}
