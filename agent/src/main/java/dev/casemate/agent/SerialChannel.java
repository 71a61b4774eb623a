package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.Poll;
import dev.casemate.protocol.ConnectionOptions;
import dev.casemate.protocol.TtrpcConnection;
import dev.casemate.protocol.TtrpcServer;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves the virtio-serial port that the host calls {@code agent}. A port can be opened once, and
 * reading gives its end while nobody is connected on the host's side; so a connection that ends is
 * followed by waiting for the next. Owned by the thread that runs it.
 */
final class SerialChannel implements Runnable {
  private static final Path PORTS = Path.of("/sys/class/virtio-ports");
  private static final String NAME = "agent";

  // The port's name comes with a message from the VMM, some milliseconds into the boot.
  private static final long APPEAR_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long POLL_MILLIS = 1;

  // How soon a host that connects again is noticed; polling a port without a peer returns at once.
  private static final long IDLE_MILLIS = 20;
  private static final Duration PEER_BOUND = Duration.ofSeconds(1);

  private final TtrpcServer server;
  private final ConnectionOptions options;
  private final AgentLog log;

  SerialChannel(TtrpcServer server, ConnectionOptions options, AgentLog log) {
    this.server = server;
    this.options = options;
    this.log = log;
  }

  @Override
  public void run() {
    try {
      Path device = await();
      if (device == null) {
        log.warn("no virtio-serial port", "name", NAME);
        return;
      }
      while (true) {
        serve(device);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (LinuxException e) {
      log.error("the channel broke", "why", RequestError.reason(e));
    }
  }

  private void serve(Path device) throws InterruptedException {
    try (Descriptor port = Descriptor.open(device.toString(), OpenAccess.READ_WRITE)) {
      awaitPeer(port);
      TtrpcConnection connection =
          server.serve(port.inputStream(), port.outputStream(), port::close, options);
      connection.awaitClosed();
      log.info("the host disconnected");
    }
  }

  private static void awaitPeer(Descriptor port) throws InterruptedException {
    while (true) {
      Poll.Readiness now = Poll.await(List.of(Poll.Interest.readable(port)), PEER_BOUND).getFirst();
      if (now.readable() || !now.hangUp()) {
        return;
      }
      Thread.sleep(IDLE_MILLIS);
    }
  }

  /** The port's device file, or null when there is none. */
  private static @Nullable Path await() throws InterruptedException {
    long deadline = System.nanoTime() + APPEAR_NANOS;
    do {
      Path found = find();
      if (found != null) {
        return found;
      }
      Thread.sleep(POLL_MILLIS);
    } while (System.nanoTime() - deadline < 0);
    return null;
  }

  private static @Nullable Path find() {
    try (DirectoryStream<Path> ports = Files.newDirectoryStream(PORTS)) {
      for (Path port : ports) {
        if (Small.word(port.resolve("name")).equals(NAME)) {
          Path device = Path.of("/dev").resolve(port.getFileName());
          return Files.exists(device) ? device : null;
        }
      }
    } catch (IOException e) {
      // The driver is not there yet.
    }
    return null;
  }
}
