package dev.casemate.host.network;

import dev.casemate.core.GuestConnection;
import dev.casemate.core.GuestDialer;
import dev.casemate.model.CasemateException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Carries connections between a namespace and servers in the guest, each on two virtual threads of
 * its own. Thread-safe.
 */
final class LoopbackForwarder implements AutoCloseable {
  /** As many as the agent carries. */
  static final int MOST = 256;

  private static final int CHUNK = 64 * 1024;

  private final GuestDialer guest;
  private final MomentaryListeners listeners;
  private final Consumer<String> notes;

  /** Those that are being made, and whether their first packets were let go. */
  private final Map<ConnectionAttempt, AtomicBoolean> attempts = new ConcurrentHashMap<>();

  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();
  private final Semaphore left = new Semaphore(MOST);
  private volatile boolean closed;

  /**
   * One that carries nothing yet.
   *
   * @param notes is told what failed on the host
   */
  LoopbackForwarder(GuestDialer guest, SandboxNamespace namespace, Consumer<String> notes) {
    this.guest = guest;
    this.listeners = new MomentaryListeners(namespace);
    this.notes = notes;
  }

  /**
   * Somebody connects. Returns at once.
   *
   * @param admit lets the held packet go its way, to be called once: before, the guest's server is
   *     connected to and there is a listener; or else the packet finds what is there without us
   */
  void attempt(ConnectionAttempt attempt, Runnable admit) {
    AtomicBoolean admitted = new AtomicBoolean();
    AtomicBoolean before = attempts.putIfAbsent(attempt, admitted);
    if (before == null) {
      Thread.ofVirtual().name("loopback-connection").start(() -> begin(attempt, admitted, admit));
    } else if (before.get()) {
      // A repetition, after a second: the first packet may have been lost.
      admit.run();
    }
  }

  private void begin(ConnectionAttempt attempt, AtomicBoolean admitted, Runnable admit) {
    try {
      connect(
          attempt,
          () -> {
            admitted.set(true);
            admit.run();
          },
          () -> attempts.remove(attempt, admitted));
    } catch (IOException | UncheckedIOException failure) {
      notes.accept("a connection to " + attempt.to() + " failed: " + failure.getMessage());
    } finally {
      attempts.remove(attempt, admitted);
    }
  }

  /**
   * Connects and carries.
   *
   * @param made is told when the connection is there, so that the same port may connect anew
   */
  private void connect(ConnectionAttempt attempt, Runnable admit, Runnable made)
      throws IOException {
    if (!left.tryAcquire()) {
      admit.run();
      return;
    }
    try (GuestConnection server =
        guest.dial(attempt.to().getAddress().getAddress(), attempt.to().getPort())) {
      SocketChannel client = listeners.accept(attempt, admit);
      if (client == null) {
        server.reset();
      } else {
        made.run();
        carry(client, server);
      }
    } catch (CasemateException refused) {
      // What the guest does not serve is for whoever else does; the kernel refuses if nobody.
      admit.run();
    } finally {
      left.release();
    }
  }

  private void carry(SocketChannel client, GuestConnection server) throws IOException {
    clients.add(client);
    try (client) {
      if (closed) {
        server.reset();
        reset(client);
        return;
      }
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      Thread back =
          Thread.ofVirtual()
              .name("loopback-answers")
              .start(() -> orBreak(() -> receive(server, client), client, server));
      orBreak(() -> send(client, server), client, server);
      back.join();
    } catch (InterruptedException giveUp) {
      Thread.currentThread().interrupt();
    } finally {
      clients.remove(client);
    }
  }

  private interface Copying {
    void run() throws IOException;
  }

  /** When one way breaks, both do, on both sides. */
  private static void orBreak(Copying way, SocketChannel client, GuestConnection server) {
    try {
      way.run();
    } catch (IOException broken) {
      server.reset();
      reset(client);
    }
  }

  private static void send(SocketChannel client, GuestConnection server) throws IOException {
    byte[] chunk = new byte[CHUNK];
    ByteBuffer buffer = ByteBuffer.wrap(chunk);
    OutputStream to = server.output();
    while (client.read(buffer.clear()) >= 0) {
      to.write(chunk, 0, buffer.position());
    }
    // Not where the client broke off: to the server that would be an end like any other.
    to.close();
  }

  private static void receive(GuestConnection server, SocketChannel client) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (int n = server.input().read(chunk); n >= 0; n = server.input().read(chunk)) {
      ByteBuffer buffer = ByteBuffer.wrap(chunk, 0, n);
      while (buffer.hasRemaining()) {
        client.write(buffer);
      }
    }
    client.shutdownOutput();
  }

  /** Breaks a connection: its client finds that nobody is there any more. */
  static void reset(SocketChannel client) {
    try (client) {
      client.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException alreadyClosed) {
      // By the other way, which broke at the same time.
    }
  }

  /** Breaks all connections; those that are being made are not carried. */
  @Override
  public void close() {
    closed = true;
    listeners.close();
    clients.forEach(LoopbackForwarder::reset);
  }
}
