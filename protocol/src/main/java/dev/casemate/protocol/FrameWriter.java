package dev.casemate.protocol;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;

/** Puts whole frames on a stream, one at a time, each with one write and one flush. */
final class FrameWriter {
  private final OutputStream out;

  /** Held over a write and nothing else. */
  private final ReentrantLock lock = new ReentrantLock();

  FrameWriter(OutputStream out) {
    this.out = out;
  }

  /**
   * Writes; blocks while the peer takes nothing, until the connection is closed.
   *
   * @param frames one or more complete frames
   * @param length how many of the array's bytes they fill
   */
  void write(byte[] frames, int length) throws IOException {
    lock.lock();
    try {
      out.write(frames, 0, length);
      out.flush();
    } finally {
      lock.unlock();
    }
  }
}
