package dev.casemate.hypervisor.qemu;

import dev.casemate.core.VmmCredentials;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A Unix socket at which exactly one connection is awaited: the child's that we are about to spawn.
 * Since we listen first there is nothing to poll for, and the connection says that the child is up.
 * Thread-safe; a virtual thread of its own accepts.
 */
final class Rendezvous implements AutoCloseable {
  /** sun_path of Linux holds 108 bytes with the final NUL. */
  static final int LONGEST_PATH = 107;

  private final Path path;
  private final ServerSocketChannel server;
  private final CompletableFuture<SocketChannel> connection = new CompletableFuture<>();

  private Rendezvous(Path path, ServerSocketChannel server) {
    this.path = path;
    this.server = server;
    Thread.ofVirtual().name("accept-" + path.getFileName()).start(this::acceptOne);
  }

  /**
   * Starts to listen; only that user (and root) can connect.
   *
   * @throws CasemateException HOST_UNFIT when the socket cannot be made, EXHAUSTED on a full disk
   */
  static Rendezvous listen(Path path, VmmCredentials peer) {
    int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_PATH) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "listen at " + path,
          "the path has " + length + " bytes, a socket's may have " + LONGEST_PATH,
          "use a shorter run directory");
    }
    ServerSocketChannel server = null;
    try {
      Files.deleteIfExists(path);
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(path), 1);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      VmmDirectory.giveTo(path, peer);
      return new Rendezvous(path, server);
    } catch (IOException e) {
      closeQuietly(server);
      throw VmmDirectory.unwritable("listen at " + path, path, e);
    }
  }

  private void acceptOne() {
    try (server) {
      SocketChannel accepted = server.accept();
      if (!connection.complete(accepted)) {
        accepted.close();
      }
    } catch (IOException e) {
      connection.completeExceptionally(e);
    }
  }

  /**
   * Waits for the connection.
   *
   * @param giveUp completes when nobody can connect any more
   * @return the connection, or empty when the bound ran out or there will be none
   */
  Optional<SocketChannel> await(Duration bound, CompletableFuture<?> giveUp) {
    try {
      var _ =
          CompletableFuture.anyOf(connection, giveUp).get(bound.toMillis(), TimeUnit.MILLISECONDS);
      return connection.isDone() ? Optional.of(connection.get()) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (TimeoutException | ExecutionException e) {
      return Optional.empty();
    }
  }

  /** Stops listening and removes the socket; a connection that was made stays. */
  @Override
  public void close() {
    connection.completeExceptionally(new IOException("no longer listening at " + path));
    closeQuietly(server);
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The directory is removed with the sandbox.
    }
  }

  /** Closes the connection as well, if there is one. */
  void abandon() {
    close();
    if (connection.state() == CompletableFuture.State.SUCCESS) {
      closeQuietly(connection.resultNow());
    }
  }

  private static void closeQuietly(java.nio.channels.@org.jspecify.annotations.Nullable Channel c) {
    try {
      if (c != null) {
        c.close();
      }
    } catch (IOException e) {
      // The descriptor is released in any case.
    }
  }
}
