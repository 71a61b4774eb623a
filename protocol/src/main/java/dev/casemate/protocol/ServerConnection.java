package dev.casemate.protocol;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The server's end of a connection: its reader thread opens a call, with a thread, per request. */
final class ServerConnection implements TtrpcConnection {
  /**
   * Requests that run at once. Most of them wait: a process costs three (its end, stdout, stderr),
   * and a guest that runs more than 300 processes for its host is not one of ours.
   */
  static final int MAX_CALLS = 1024;

  /** Bytes of requests that run at once, in an agent whose heap is a few tens of MiB. */
  static final int MAX_CALL_BYTES = 16 << 20;

  /**
   * Streams among them. Each may keep {@link Inbox#MAX_BYTES} waiting, so this bounds what a peer
   * can make us store.
   */
  static final int MAX_STREAMS = 32;

  private final TtrpcServer server;
  private final Closeable channel;
  private final ConnectionOptions options;
  private final FrameReader reader;
  private final FrameWriter writer;
  private final Map<Integer, ServerCall> calls = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Guards the two fields below, which count what the calls in the map hold. */
  private final Object holdings = new Object();

  private int bytes;
  private int streams;

  /** Owned by the reader thread. */
  private int lastStreamId = -1;

  /** Guards the two fields below. */
  private final Object state = new Object();

  private boolean open = true;
  private @Nullable TtrpcException failure;

  ServerConnection(
      TtrpcServer server,
      InputStream in,
      OutputStream out,
      Closeable channel,
      ConnectionOptions options) {
    this.server = server;
    this.channel = channel;
    this.options = options;
    this.reader = new FrameReader(in);
    this.writer = new FrameWriter(out);
  }

  void start() {
    options.start(options.reader(), "-reader", this::readAll);
  }

  private void readAll() {
    try {
      while (reader.next()) {
        take();
      }
      end(null);
    } catch (IOException broken) {
      end(new TtrpcException(StatusCode.UNAVAILABLE, "the connection broke", broken));
    } finally {
      // Holds only when an Error ended the thread.
      end(new TtrpcException(StatusCode.UNAVAILABLE, "the connection's reader failed"));
      calls.values().forEach(ServerCall::cancel);
      closed.countDown();
    }
  }

  private void take() throws IOException {
    int id = reader.streamId();
    int type = reader.type();
    if (type != Wire.REQUEST && type != Wire.DATA) {
      // A type of a later version.
      reader.skip();
    } else if (reader.length() > options.maxData()) {
      takeTooLong(id);
    } else if ((id & 1) == 0) {
      reader.skip();
      refuse(id, StatusCode.INVALID_ARGUMENT, "the id of a client's stream must be odd");
    } else if (type == Wire.DATA) {
      takeData(id);
    } else {
      takeRequest(id);
    }
  }

  private void takeTooLong(int id) throws IOException {
    TtrpcException why =
        new TtrpcException(
            StatusCode.RESOURCE_EXHAUSTED,
            "the frame has " + reader.length() + " bytes of data, more than " + options.maxData());
    reader.skip();
    ServerCall call = calls.get(id);
    if (call == null) {
      refuse(id, why);
    } else {
      call.inbox().fail(why);
    }
  }

  private void takeData(int id) throws IOException {
    ServerCall call = calls.get(id);
    if (call == null || !call.streams()) {
      reader.skip();
      // A stream that we ended cannot know it yet, and a call with one request has its answer.
      if (id - lastStreamId > 0) {
        refuse(id, StatusCode.INVALID_ARGUMENT, "no stream has this id");
      }
      return;
    }
    int flags = reader.flags();
    byte[] data = reader.data();
    if ((flags & Wire.NO_DATA) == 0) {
      call.inbox().put(UnsafeByteOperations.unsafeWrap(data));
    }
    if ((flags & Wire.REMOTE_CLOSED) != 0) {
      call.inbox().end();
    }
  }

  private void takeRequest(int id) throws IOException {
    // Serial number arithmetic: ids wrap after 2^31 streams.
    if (id - lastStreamId <= 0) {
      reader.skip();
      refuse(id, StatusCode.INVALID_ARGUMENT, "stream ids must go up");
      return;
    }
    lastStreamId = id;
    if (calls.size() >= MAX_CALLS) {
      reader.skip();
      refuse(id, StatusCode.RESOURCE_EXHAUSTED, MAX_CALLS + " requests run already");
      return;
    }
    int flags = reader.flags();
    RequestEnvelope request;
    try {
      request = RequestEnvelope.decode(reader.data());
    } catch (InvalidProtocolBufferException malformed) {
      refuse(id, StatusCode.INVALID_ARGUMENT, "the request's envelope is malformed");
      return;
    }
    Service service = server.service(request.service());
    Service.Method method = service == null ? null : service.method(request.method());
    if (method == null) {
      refuse(
          id,
          StatusCode.UNIMPLEMENTED,
          service == null ? "there is no such service" : "there is no such method");
      return;
    }
    begin(new ServerCall(this, id, method, request), request, flags);
  }

  private void begin(ServerCall call, RequestEnvelope request, int flags) throws IOException {
    if (!admit(call)) {
      refuse(call.streamId(), StatusCode.RESOURCE_EXHAUSTED, "the requests that run take too much");
      return;
    }
    if (call.streams()) {
      if ((flags & Wire.REMOTE_OPEN) == 0 || !request.payload().isEmpty()) {
        call.inbox().put(request.payload());
      }
      if ((flags & Wire.REMOTE_OPEN) == 0) {
        call.inbox().end();
      }
    }
    calls.put(call.streamId(), call);
    if (call.deadline().bounded()) {
      call.timer(server.onDeadline(call));
    }
    options.requests().execute(call);
  }

  private boolean admit(ServerCall call) {
    synchronized (holdings) {
      if ((bytes > 0 && bytes + call.bytes() > MAX_CALL_BYTES)
          || (call.streams() && streams >= MAX_STREAMS)) {
        return false;
      }
      bytes += call.bytes();
      streams += call.streams() ? 1 : 0;
      return true;
    }
  }

  /** Writes the last frame of a call and forgets it. Called by the call's thread. */
  void answer(ServerCall call, byte[] frame) {
    calls.remove(call.streamId(), call);
    synchronized (holdings) {
      bytes -= call.bytes();
      streams -= call.streams() ? 1 : 0;
    }
    try {
      write(frame);
    } catch (IOException broken) {
      end(new TtrpcException(StatusCode.UNAVAILABLE, "the connection broke", broken));
    }
  }

  /** Writes a frame; blocks while the peer takes nothing, until the connection ends. */
  void write(byte[] frame) throws IOException {
    writer.write(frame, frame.length);
  }

  private void refuse(int id, StatusCode status, String why) throws IOException {
    refuse(id, new TtrpcException(status, why));
  }

  private void refuse(int id, TtrpcException why) throws IOException {
    write(ResponseEnvelope.encode(id, why));
  }

  private void end(@Nullable TtrpcException why) {
    synchronized (state) {
      if (!open) {
        return;
      }
      open = false;
      failure = why;
    }
    try {
      channel.close();
    } catch (IOException alreadyBroken) {
      System.getLogger(ServerConnection.class.getName())
          .log(System.Logger.Level.DEBUG, "closing a connection failed", alreadyBroken);
    }
    calls.values().forEach(ServerCall::cancel);
  }

  @Override
  public void awaitClosed() throws InterruptedException {
    closed.await();
  }

  @Override
  public boolean isOpen() {
    synchronized (state) {
      return open;
    }
  }

  @Override
  public Optional<TtrpcException> failure() {
    synchronized (state) {
      return Optional.ofNullable(failure);
    }
  }

  @Override
  public void close() {
    end(null);
  }
}
