package dev.casemate.shim;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Carries one output of a process in the guest to its sink, on a virtual thread of its own: it
 * costs nothing while nothing comes.
 */
final class OutputCopy {
  /** What is kept for each output that ever wrote something. */
  private static final int BUFFER_BYTES = 16 * 1024;

  private final InputStream from;
  private final OutputSink to;
  private final Thread thread;
  private final AtomicLong moved = new AtomicLong();

  private OutputCopy(String name, InputStream from, OutputSink to) {
    this.from = from;
    this.to = to;
    thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  static OutputCopy start(String name, InputStream from, OutputSink to) {
    OutputCopy copy = new OutputCopy(name, from, to);
    copy.thread.start();
    return copy;
  }

  private void run() {
    try {
      // Not before there is something: most processes of a node write nothing for hours.
      byte[] first = new byte[1];
      int got = from.read(first, 0, 1);
      if (got > 0) {
        copy(first[0]);
      }
    } catch (IOException guestGone) {
      // Whoever waits for the process learns why.
    } finally {
      to.close();
    }
  }

  private void copy(byte first) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    buffer[0] = first;
    int more = Math.min(from.available(), buffer.length - 1);
    int got = 1 + (more > 0 ? from.read(buffer, 1, more) : 0);
    while (got >= 0) {
      if (!to.write(buffer, got)) {
        // As with any pipe whose reader left: the process learns of it when it writes again.
        from.close();
        return;
      }
      moved.addAndGet(got);
      got = from.read(buffer, 0, buffer.length);
    }
  }

  /**
   * Waits for the end, for as long as something moves.
   *
   * @param patience how long nothing may move
   * @return whether it has ended
   */
  boolean awaitEnd(Duration patience) throws InterruptedException {
    while (thread.isAlive()) {
      long before = moved.get();
      if (!thread.join(patience) && moved.get() == before) {
        return false;
      }
    }
    return true;
  }

  /** Waits for the end, however long that takes; {@link #release} brings it. */
  void awaitEnd() throws InterruptedException {
    thread.join();
  }

  /** Gives up what the reader has not taken. */
  void release() {
    to.release();
  }
}
