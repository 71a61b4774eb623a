package dev.casemate.protocol;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

@SuppressWarnings("DoNotCallSuggester")
public final class TtrpcClient implements AutoCloseable {
  public TtrpcClient(InputStream in, OutputStream out, Closeable channel) {
    this(in, out, channel, ConnectionOptions.virtual("ttrpc-client"));
  }

  public TtrpcClient(
      InputStream in, OutputStream out, Closeable channel, ConnectionOptions options) {
    throw new UnsupportedOperationException();
  }

  public <R extends MessageLite> R call(
      String service, String method, MessageLite request, Parser<R> parser, Duration timeout) {
    return call(service, method, request, parser, timeout, Map.of());
  }

  public <R extends MessageLite> R call(
      String service,
      String method,
      MessageLite request,
      Parser<R> parser,
      Duration timeout,
      Map<String, String> metadata) {
    throw new UnsupportedOperationException();
  }

  /** Runs an action once when the connection has ended; the argument says why. */
  public void onClose(Consumer<TtrpcException> action) {
    throw new UnsupportedOperationException();
  }

  public boolean isOpen() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
