package dev.casemate.shim;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.protocol.ConnectionOptions;
import dev.casemate.protocol.Service;
import dev.casemate.protocol.TtrpcConnection;
import dev.casemate.protocol.TtrpcServer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The socket that containerd calls, and its connections: one for each container, and after a
 * restart of containerd new ones. Only root may connect. Thread-safe.
 */
final class ShimServer implements AutoCloseable {
  private static final Path PARENT = Path.of("/run/casemate/shim");

  private static final int NAME_BYTES = 8;
  private static final long POLL_MILLIS = 2;

  private final Path socket;
  private final ServerSocketChannel listener;
  private final TtrpcServer server;
  private final AtomicInteger open = new AtomicInteger();

  private ShimServer(Path socket, ServerSocketChannel listener, TtrpcServer server) {
    this.socket = socket;
    this.listener = listener;
    this.server = server;
  }

  /** Listens on a socket of its own. */
  static ShimServer listen(List<Service> services) {
    byte[] random = new byte[NAME_BYTES];
    new SecureRandom().nextBytes(random);
    Path socket = PARENT.resolve(HexFormat.of().formatHex(random));
    try {
      Files.createDirectories(
          PARENT,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      ShimServer made = new ShimServer(socket, listener, new TtrpcServer(services));
      Thread.ofVirtual().name("listener").start(made::accept);
      return made;
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT, "listen on " + socket, String.valueOf(failure), "", failure);
    }
  }

  Path socket() {
    return socket;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        open.incrementAndGet();
        TtrpcConnection connection =
            server.serve(
                Channels.newInputStream(channel),
                Channels.newOutputStream(channel),
                channel,
                ConnectionOptions.virtual("containerd"));
        Thread.ofVirtual().name("connection").start(() -> await(connection));
      }
    } catch (IOException closed) {
      // The shim ends.
    }
  }

  private void await(TtrpcConnection connection) {
    try {
      connection.awaitClosed();
    } catch (InterruptedException impossible) {
      Thread.currentThread().interrupt();
    } finally {
      open.decrementAndGet();
    }
  }

  /** Whether anybody is connected. */
  boolean isConnected() {
    return open.get() > 0;
  }

  /** Waits until nobody is connected any more, at most that long. */
  void awaitDisconnected(Duration bound) {
    long deadline = System.nanoTime() + bound.toNanos();
    try {
      while (isConnected() && System.nanoTime() - deadline < 0) {
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException giveUp) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes no more connections; those that are there stay. */
  @Override
  public void close() {
    try {
      listener.close();
      Files.deleteIfExists(socket);
    } catch (IOException gone) {
      // Nobody can connect any more in any case.
    }
  }
}
