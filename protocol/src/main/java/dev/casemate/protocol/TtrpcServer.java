package dev.casemate.protocol;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

@SuppressWarnings("DoNotCallSuggester")
public final class TtrpcServer {
  public TtrpcServer(List<Service> services) {
    throw new UnsupportedOperationException();
  }

  /** Serves a connection; returns at once, its reader thread does the work. */
  public TtrpcConnection serve(
      InputStream in, OutputStream out, Closeable channel, ConnectionOptions options) {
    throw new UnsupportedOperationException();
  }
}
