package dev.casemate.host.caller;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Carries one output of a process to the caller, on a platform thread of its own: a caller that
 * does not read blocks it, and nothing else.
 */
final class OutputPump {
  private static final int BUFFER_BYTES = 256 * 1024;

  /**
   * What the caller's pipe holds already, what this pump holds, what is on the channel, and what is
   * in the guest's pipe; and the most that is allowed without privileges, {@code fs.pipe-max-size}.
   */
  private static final int ROOM_BYTES = 1 << 20;

  private final InputStream from;
  private final @Nullable Descriptor to;
  private final Thread thread;
  private volatile boolean atCaller;
  private final AtomicLong moved = new AtomicLong();

  private OutputPump(String name, InputStream from, @Nullable Descriptor to) {
    this.from = from;
    this.to = to;
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  static OutputPump start(String name, InputStream from, @Nullable Descriptor to) {
    OutputPump pump = new OutputPump(name, from, to);
    pump.thread.start();
    return pump;
  }

  private void run() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int got = from.read(buffer); got >= 0; got = from.read(buffer)) {
        atCaller = true;
        if (!deliver(buffer, got)) {
          // As with any pipe whose reader left: the process learns of it when it writes again.
          from.close();
          return;
        }
        atCaller = false;
        moved.addAndGet(got);
      }
    } catch (IOException guestGone) {
      // Whoever waits for the process learns why.
    }
  }

  private boolean deliver(byte[] buffer, int length) {
    if (to == null) {
      return true;
    }
    try {
      int sent = 0;
      while (sent < length) {
        sent += to.write(buffer, sent, length - sent);
      }
      return true;
    } catch (LinuxException readerGone) {
      return false;
    }
  }

  /** Whether everything has been delivered, or nobody wants it. */
  boolean hasEnded() {
    return !thread.isAlive();
  }

  /** Whether the caller has yet to take what it was given. */
  boolean waitsForCaller() {
    return atCaller && thread.isAlive();
  }

  /**
   * Makes room for all that can still be on its way, so that it need not wait for the caller: under
   * a runtime without a machine in between it would lie in the caller's pipe by now, for the caller
   * to take whenever it likes. Does nothing where the caller reads from something else.
   */
  void makeRoom() {
    if (to == null) {
      return;
    }
    try {
      to.growPipe(ROOM_BYTES);
    } catch (LinuxException noPipe) {
      // A terminal or a socket; or the caller is gone.
    }
  }

  /** How many bytes were delivered. */
  long moved() {
    return moved.get();
  }

  /** Waits for the end, at most that long. */
  void join(long millis) throws InterruptedException {
    thread.join(millis);
  }
}
