package dev.casemate.linux;

import java.util.Optional;

/** A Unix stream socket with a path that waits for connections. */
public final class UnixListener implements AutoCloseable {
  /** The kernel cuts this at {@code net.core.somaxconn}. */
  private static final int BACKLOG = 128;

  private final SocketListener listener;

  private UnixListener(SocketListener listener) {
    this.listener = listener;
  }

  /**
   * Binds to a path that must not exist ({@code EADDRINUSE}), and listens. The permission bits are
   * 0777 less the umask: bind in a directory that only the right users can enter. A path of more
   * than 107 bytes is bound through its directory.
   */
  public static UnixListener listen(String path) {
    Descriptor socket =
        Descriptor.adopt(
            SocketCalls.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_STREAM, 0, true, path));
    try (UnixAddress address = UnixAddress.of(path)) {
      SocketCalls.bind(socket.number(), address.bytes(), path);
      SocketCalls.listen(socket.number(), BACKLOG, path);
      return new UnixListener(new SocketListener(socket, path));
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Waits for a connection; empty once another thread closed this. */
  public Optional<UnixSocket> accept() {
    return listener.accept().map(UnixSocket::adopt);
  }

  /** Readable when a connection waits, for {@link Poll}. */
  public Descriptor descriptor() {
    return listener.descriptor();
  }

  /** Stops listening and wakes whoever waits in {@link #accept}; leaves the path to its owner. */
  @Override
  public void close() {
    listener.close();
  }
}
