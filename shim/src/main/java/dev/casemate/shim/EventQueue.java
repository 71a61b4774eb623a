package dev.casemate.shim;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import dev.casemate.protocol.StatusCode;
import dev.casemate.protocol.TtrpcClient;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.shim.containerd.Envelope;
import dev.casemate.shim.containerd.ForwardRequest;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way to containerd, in order. Publishing never waits; one thread sends, and goes
 * on trying while containerd restarts. Thread-safe.
 */
final class EventQueue {
  /** A restart of containerd takes seconds; what is older than this is told by State anyway. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** As containerd's own shim. */
  private static final Duration CALL_BOUND = Duration.ofSeconds(5);

  /** Minutes of a busy pod's events, some hundred kilobytes. */
  private static final int MOST_WAITING = 2048;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final Optional<Path> server;
  private final String namespace;
  private final Consumer<String> log;
  private final Deque<Envelope> waiting = new ArrayDeque<>();

  /** Owned by the sending thread, and by whoever ends the queue once nothing is sent. */
  private volatile @Nullable TtrpcClient client;

  private boolean sending;
  private boolean ended;

  /**
   * A queue.
   *
   * @param server the socket of containerd's ttRPC server; without one, events are only logged
   * @param namespace containerd's, which the events belong to
   */
  EventQueue(Optional<Path> server, String namespace, Consumer<String> log) {
    this.server = server;
    this.namespace = namespace;
    this.log = log;
    Thread.ofVirtual().name("events").start(this::run);
  }

  /** Puts an event at the end of the queue. */
  void publish(String topic, String type, MessageLite event) {
    Any any = Messages.any(type, event);
    Envelope envelope =
        Envelope.newBuilder()
            .setTimestamp(Timestamps.of(Instant.now()))
            .setNamespace(namespace)
            .setTopic(topic)
            .setEvent(any)
            .build();
    synchronized (waiting) {
      if (ended) {
        return;
      }
      if (waiting.size() == MOST_WAITING) {
        Envelope lost = waiting.removeFirst();
        log.accept("an event " + lost.getTopic() + " was dropped: containerd takes none");
      }
      waiting.addLast(envelope);
      waiting.notifyAll();
    }
  }

  private void run() {
    while (true) {
      Envelope next;
      synchronized (waiting) {
        try {
          while (waiting.isEmpty()) {
            if (ended) {
              return;
            }
            waiting.wait();
          }
        } catch (InterruptedException impossible) {
          return;
        }
        next = waiting.removeFirst();
        sending = true;
      }
      deliver(next);
      synchronized (waiting) {
        sending = false;
        waiting.notifyAll();
      }
    }
  }

  private void deliver(Envelope event) {
    if (server.isEmpty()) {
      log.accept("event " + event.getTopic());
      return;
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        send(server.get(), event);
        return;
      } catch (IOException | TtrpcException failure) {
        disconnect();
        if (isRefusal(failure) || System.nanoTime() - deadline > 0 || !pause(pause)) {
          log.accept("event " + event.getTopic() + " is lost: " + failure.getMessage());
          return;
        }
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
      }
    }
  }

  /** Whether containerd heard it and does not want it. */
  private static boolean isRefusal(Exception failure) {
    return failure instanceof TtrpcException answered
        && answered.status() != StatusCode.UNAVAILABLE
        && answered.status() != StatusCode.DEADLINE_EXCEEDED;
  }

  private void send(Path socket, Envelope event) throws IOException {
    TtrpcClient connected = client;
    if (connected == null || !connected.isOpen()) {
      SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
      connected =
          new TtrpcClient(
              Channels.newInputStream(channel), Channels.newOutputStream(channel), channel);
      client = connected;
    }
    connected.call(
        "containerd.services.events.ttrpc.v1.Events",
        "Forward",
        ForwardRequest.newBuilder().setEnvelope(event).build(),
        Empty.parser(),
        CALL_BOUND,
        Map.of("containerd-namespace-ttrpc", namespace));
  }

  private void disconnect() {
    TtrpcClient connected = client;
    if (connected != null) {
      connected.close();
      client = null;
    }
  }

  /** Waits a moment; false when the queue has been ended, and trying again makes no sense. */
  private boolean pause(Duration pause) {
    synchronized (waiting) {
      if (ended) {
        return false;
      }
    }
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException impossible) {
      return false;
    }
  }

  /**
   * Takes no more events, and waits until those that are there have been sent.
   *
   * @param bound how long that may take at most
   */
  void end(Duration bound) {
    long deadline = System.nanoTime() + bound.toNanos();
    synchronized (waiting) {
      ended = true;
      waiting.notifyAll();
      try {
        while (sending || !waiting.isEmpty()) {
          long left = (deadline - System.nanoTime()) / 1_000_000;
          if (left <= 0) {
            log.accept(waiting.size() + " events are lost: containerd does not take them");
            break;
          }
          waiting.wait(left);
        }
      } catch (InterruptedException impossible) {
        Thread.currentThread().interrupt();
      }
    }
    disconnect();
  }
}
