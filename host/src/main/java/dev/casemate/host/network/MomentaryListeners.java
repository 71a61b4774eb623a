package dev.casemate.host.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Listening sockets in a namespace, each there for as long as somebody who connects is awaited: a
 * port on which the guest does not listen is closed on the host, too. The map of listeners is
 * guarded by the monitor.
 */
final class MomentaryListeners implements AutoCloseable {
  /** Who connects is a process on this host, and its packet is on its way. */
  private static final Duration ACCEPT_BOUND = Duration.ofSeconds(10);

  private final SandboxNamespace namespace;
  private final Map<InetSocketAddress, Listener> listeners = new HashMap<>();
  private boolean closed;

  MomentaryListeners(SandboxNamespace namespace) {
    this.namespace = namespace;
  }

  /**
   * Listens until somebody has connected.
   *
   * @param admit lets the first packet go its way; called when there is a listener, or, when that
   *     cannot be, all the same: somebody else's may be there
   * @return null when the connection did not come here
   */
  @Nullable SocketChannel accept(ConnectionAttempt attempt, Runnable admit) throws IOException {
    Listener listener = hold(attempt);
    if (listener == null) {
      admit.run();
      return null;
    }
    CompletableFuture<SocketChannel> expected = new CompletableFuture<>();
    listener.expected.put(attempt.from(), expected);
    try {
      admit.run();
      return expected.get(ACCEPT_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      // One that comes at this moment, or later, finds nobody who waits.
      return expected.completeExceptionally(late) ? null : expected.join();
    } catch (ExecutionException over) {
      return null;
    } catch (InterruptedException giveUp) {
      Thread.currentThread().interrupt();
      return expected.completeExceptionally(giveUp) ? null : expected.join();
    } finally {
      listener.expected.remove(attempt.from(), expected);
      release(attempt.to(), listener);
    }
  }

  private synchronized @Nullable Listener hold(ConnectionAttempt attempt) throws IOException {
    if (closed) {
      return null;
    }
    Listener listener = listeners.get(attempt.to());
    if (listener == null) {
      ServerSocketChannel socket = listen(attempt);
      if (socket == null) {
        return null;
      }
      listener = new Listener(socket);
      listeners.put(attempt.to(), listener);
      Thread.ofVirtual().name("loopback-listener").start(listener::acceptAll);
    }
    listener.holders++;
    return listener;
  }

  private @Nullable ServerSocketChannel listen(ConnectionAttempt attempt) throws IOException {
    ProtocolFamily family =
        attempt.six() ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    return namespace.within(() -> {
      try {
        ServerSocketChannel socket = ServerSocketChannel.open(family);
        try {
          socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
          return socket.bind(attempt.to(), LoopbackForwarder.MOST);
        } catch (IOException | RuntimeException failure) {
          socket.close();
          throw failure;
        }
      } catch (BindException taken) {
        return null;
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    });
  }

  private synchronized void release(InetSocketAddress address, Listener listener)
      throws IOException {
    listener.holders--;
    if (listener.holders == 0) {
      listeners.remove(address, listener);
      listener.socket.close();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (Listener listener : listeners.values()) {
      try {
        listener.socket.close();
      } catch (IOException e) {
        // It is closed all the same.
      }
      listener.expected.values().forEach(each -> each.completeExceptionally(new IOException()));
    }
  }

  private static final class Listener {
    final ServerSocketChannel socket;
    final Map<InetSocketAddress, CompletableFuture<SocketChannel>> expected =
        new ConcurrentHashMap<>();
    int holders;

    Listener(ServerSocketChannel socket) {
      this.socket = socket;
    }

    void acceptAll() {
      try {
        while (true) {
          SocketChannel client = socket.accept();
          CompletableFuture<SocketChannel> waiting = expected.remove(client.getRemoteAddress());
          if (waiting == null || !waiting.complete(client)) {
            LoopbackForwarder.reset(client);
          }
        }
      } catch (IOException closed) {
        // Nobody is awaited any more.
      }
    }
  }
}
