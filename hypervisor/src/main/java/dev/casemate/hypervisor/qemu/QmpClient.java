package dev.casemate.hypervisor.qemu;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client of QEMU's monitor protocol over one connection. Thread-safe. A virtual thread of its own
 * reads; events are handed out on it, so a listener must not block and must not wait for a reply.
 */
final class QmpClient implements AutoCloseable {
  private static final int CHUNK = 4096;

  private final ByteChannel channel;
  private final Consumer<QmpEvent> listener;
  private final CompletableFuture<QmpMessage.Greeting> greeting = new CompletableFuture<>();
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private final Map<Long, CompletableFuture<QmpMessage>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong nextId = new AtomicLong();
  // Held while one command is written, so that two never interleave; a command is far smaller than
  // a socket buffer, so writing does not wait for QEMU.
  private final ReentrantLock writing = new ReentrantLock();

  /** Starts reading. The channel is closed with the client. */
  QmpClient(ByteChannel channel, Consumer<QmpEvent> listener) {
    this.channel = channel;
    this.listener = listener;
    Thread.ofVirtual().name("qmp-reader").start(this::read);
  }

  /**
   * Waits for QEMU's greeting and leaves negotiation mode.
   *
   * @throws CasemateException as {@link #execute}
   */
  QmpMessage.Greeting negotiate(Duration bound) {
    QmpMessage.Greeting version = await(greeting, "greet QEMU's monitor", bound);
    execute("qmp_capabilities", JsonObject.EMPTY, bound);
    return version;
  }

  /**
   * Runs one command.
   *
   * @throws CasemateException VMM_DIED when the connection has ended, TIMED_OUT when there is no
   *     reply within the bound, PROTOCOL when QEMU refuses the command or breaks the protocol
   */
  JsonValue execute(String command, JsonObject arguments, Duration bound) {
    long id = nextId.getAndIncrement();
    String tried = "run QEMU monitor command " + command;
    CompletableFuture<QmpMessage> reply = new CompletableFuture<>();
    waiting.put(id, reply);
    try {
      if (ended.isDone()) {
        throw gone(tried, null);
      }
      send(id, command, arguments, tried);
      return switch (await(reply, tried, bound)) {
        case QmpMessage.Reply r -> r.value();
        case QmpMessage.Failure f ->
            throw new CasemateException(
                ErrorCode.PROTOCOL, tried, f.errorClass() + ": " + f.description(), "");
        case QmpMessage.Greeting g -> throw new IllegalStateException("unexpected " + g);
        case QmpMessage.Event e -> throw new IllegalStateException("unexpected " + e);
      };
    } finally {
      waiting.remove(id);
    }
  }

  private void send(long id, String command, JsonObject arguments, String tried) {
    JsonObject.Builder message =
        JsonObject.builder().put("execute", command).put("id", Long.valueOf(id));
    if (!arguments.members().isEmpty()) {
      message.put("arguments", arguments);
    }
    ByteBuffer line =
        ByteBuffer.wrap((message.build().toJson() + "\n").getBytes(StandardCharsets.UTF_8));
    writing.lock();
    try {
      while (line.hasRemaining()) {
        channel.write(line);
      }
    } catch (IOException e) {
      throw gone(tried, e);
    } finally {
      writing.unlock();
    }
  }

  private static <T> T await(CompletableFuture<T> future, String tried, Duration bound) {
    try {
      return future.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CasemateException c) {
        throw new CasemateException(c.code(), tried, c.why(), c.advice(), c);
      }
      throw gone(tried, e.getCause());
    } catch (TimeoutException e) {
      throw new CasemateException(
          ErrorCode.TIMED_OUT, tried, "no answer in " + bound.toMillis() + " ms", "", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CasemateException(ErrorCode.CANCELLED, tried, "the caller gave up", "", e);
    }
  }

  private static CasemateException gone(String tried, @Nullable Throwable cause) {
    return new CasemateException(ErrorCode.VMM_DIED, tried, "QEMU closed its monitor", "", cause);
  }

  private void read() {
    CasemateException end = gone("read QEMU's monitor", null);
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      while (channel.read(chunk) >= 0) {
        chunk.flip();
        while (chunk.hasRemaining()) {
          take(chunk.get(), line);
        }
        chunk.clear();
      }
    } catch (IOException e) {
      end = gone("read QEMU's monitor", e);
    } catch (CasemateException e) {
      // A peer that broke the protocol once is not listened to again.
      end = e;
    } finally {
      end(end);
    }
  }

  private void take(byte b, ByteArrayOutputStream line) {
    if (b == '\n') {
      byte[] bytes = line.toByteArray();
      line.reset();
      if (!new String(bytes, StandardCharsets.ISO_8859_1).isBlank()) {
        dispatch(QmpMessage.parse(bytes));
      }
      return;
    }
    if (line.size() >= QmpMessage.LARGEST) {
      throw new CasemateException(
          ErrorCode.PROTOCOL,
          "read QEMU's monitor",
          "a message exceeds " + QmpMessage.LARGEST + " bytes",
          "");
    }
    line.write(b);
  }

  private void dispatch(QmpMessage message) {
    switch (message) {
      case QmpMessage.Greeting g -> greeting.complete(g);
      case QmpMessage.Event e -> listener.accept(e.event());
      case QmpMessage.Reply r -> answer(r.id(), r);
      case QmpMessage.Failure f -> answer(f.id(), f);
    }
  }

  private void answer(long id, QmpMessage message) {
    CompletableFuture<QmpMessage> command = waiting.get(id);
    // No waiter: the command's bound ran out before the answer came.
    if (command != null) {
      command.complete(message);
    }
  }

  private void end(CasemateException why) {
    ended.complete(true);
    greeting.completeExceptionally(why);
    waiting.values().forEach(w -> w.completeExceptionally(why));
    close();
  }

  /** Waits until QEMU has closed the connection and every event was handed out. */
  boolean awaitEnd(Duration bound) {
    try {
      return ended.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is released in any case.
    }
  }
}
