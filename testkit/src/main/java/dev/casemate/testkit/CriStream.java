package dev.casemate.testkit;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A process's standard streams, or a port's, over one WebSocket, as kubectl carries them to a
 * runtime's streaming server: each message's first byte names the stream (Kubernetes' {@code
 * v4.channel.k8s.io}). Thread-safe.
 */
public final class CriStream implements AutoCloseable, WebSocket.Listener {
  private static final String PROTOCOL = "v4.channel.k8s.io";

  private static final int INPUT = 0;
  private static final int OUTPUT = 1;
  private static final int ERRORS = 2;
  private static final int STATUS = 3;
  private static final int SIZE = 4;

  private static final int PORT_DATA = 0;
  private static final int PORT_ERRORS = 1;

  /** Each stream of a port begins with its number. */
  private static final int PORT_BYTES = 2;

  private final ConcurrentHashMap<Integer, ByteArrayOutputStream> received =
      new ConcurrentHashMap<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable WebSocket socket;

  /**
   * The stream of a message that has begun to arrive, or -1; the listener's calls do not overlap.
   */
  private int current = -1;

  private CriStream() {}

  /** Connects to the address that the runtime gave. */
  static CriStream open(String url) {
    CriStream stream = new CriStream();
    stream.socket =
        stream
            .client
            .newWebSocketBuilder()
            .subprotocols(PROTOCOL)
            .buildAsync(URI.create(url.replaceFirst("^http", "ws")), stream)
            .orTimeout(Await.BOUND.toSeconds(), TimeUnit.SECONDS)
            .join();
    return stream;
  }

  /** Writes to the process's standard input, or to the port. */
  public void write(String text) {
    send(INPUT, text);
  }

  /** Sets the terminal's size. */
  public void resize(int columns, int rows) {
    send(SIZE, "{\"Width\":" + columns + ",\"Height\":" + rows + "}");
  }

  private void send(int stream, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = ByteBuffer.allocate(bytes.length + 1).put((byte) stream).put(bytes).flip();
    WebSocket open = socket;
    if (open == null) {
      throw new IllegalStateException("The stream is not open");
    }
    open.sendBinary(message, true).orTimeout(Await.BOUND.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** What came from standard output so far, or from the terminal. */
  public String output() {
    return text(OUTPUT);
  }

  /** What came from standard error so far. */
  public String errors() {
    return text(ERRORS);
  }

  /** What came from the port so far. */
  public String fromPort() {
    return behindNumber(PORT_DATA);
  }

  /**
   * Waits for the end of a connection to a port.
   *
   * @return why it failed; empty when it did not
   * @throws AssertionError when it does not end within {@link Await#BOUND}
   */
  public String awaitPortFailure() {
    awaitStatus();
    return behindNumber(PORT_ERRORS);
  }

  private String behindNumber(int stream) {
    ByteArrayOutputStream got = received.get(stream);
    byte[] bytes = got == null ? new byte[0] : got.toByteArray();
    int start = Math.min(PORT_BYTES, bytes.length);
    return new String(bytes, start, bytes.length - start, StandardCharsets.UTF_8);
  }

  private String text(int stream) {
    ByteArrayOutputStream bytes = received.get(stream);
    return bytes == null ? "" : bytes.toString(StandardCharsets.UTF_8);
  }

  /**
   * Waits for the end; how the process ended, as Kubernetes' Status in JSON.
   *
   * @throws AssertionError when it does not end within {@link Await#BOUND}
   */
  public String awaitStatus() {
    try {
      ended.get(Await.BOUND.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new AssertionError("The stream does not end; output so far: " + output(), e);
    }
    return text(STATUS);
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    // A long message comes in several parts.
    int stream = current < 0 ? data.get() : current;
    current = last ? -1 : stream;
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    received.computeIfAbsent(stream, _ -> new ByteArrayOutputStream()).writeBytes(bytes);
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    ended.complete(null);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    // How the runtime ends a stream: it closes the connection without a word.
    ended.complete(null);
  }

  @Override
  public void close() {
    WebSocket open = socket;
    if (open != null) {
      open.abort();
    }
    client.shutdownNow();
  }
}
