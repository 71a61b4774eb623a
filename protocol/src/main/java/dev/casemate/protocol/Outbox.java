package dev.casemate.protocol;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way to a peer, written by a thread of their own. A caller is thus never caught in
 * a write: its deadline holds while the peer takes nothing, and an interrupt meant for it does not
 * close a channel of {@code java.nio} under all others.
 */
final class Outbox {
  /**
   * Bytes that may wait: room for one largest frame beside a few usual ones of 64 KiB. A frame is
   * always taken when nothing waits.
   */
  static final int MAX_BYTES = Wire.MAX_DATA + (1 << 20);

  /** Small frames that wait together are put into one write of at most so many bytes. */
  private static final int GATHER = 64 << 10;

  private final FrameWriter writer;

  /** Guards the fields below; held over no I/O. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition room = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private boolean closed;

  Outbox(FrameWriter writer) {
    this.writer = writer;
  }

  /**
   * Puts a frame at the end of the queue.
   *
   * @param streamId asked for the frame's stream id once there is room, in the order of the frames
   * @return false when the deadline passed before there was room
   * @throws TtrpcException with UNAVAILABLE when the outbox is closed
   */
  boolean put(byte[] frame, IntSupplier streamId, Deadline deadline) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && waitingBytes > 0 && waitingBytes + frame.length > MAX_BYTES) {
        if (room.awaitNanos(deadline.remaining()) <= 0) {
          return false;
        }
      }
      if (closed) {
        throw new TtrpcException(StatusCode.UNAVAILABLE, "the connection is closed");
      }
      Wire.putStreamId(frame, streamId.getAsInt());
      waiting.add(frame);
      waitingBytes += frame.length;
      work.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The writer thread's work: writes until the outbox is closed or the stream breaks. */
  void run() throws IOException {
    byte[] gathered = new byte[GATHER];
    while (true) {
      byte[] large = null;
      int length = 0;
      lock.lock();
      try {
        while (waiting.isEmpty() && !closed) {
          work.awaitUninterruptibly();
        }
        if (closed) {
          return;
        }
        byte[] next = waiting.peek();
        if (waiting.size() == 1 || next.length > GATHER) {
          large = waiting.remove();
          waitingBytes -= large.length;
        } else {
          length = gather(gathered);
        }
        room.signalAll();
      } finally {
        lock.unlock();
      }
      if (large != null) {
        writer.write(large, large.length);
      } else {
        writer.write(gathered, length);
      }
    }
  }

  private int gather(byte[] into) {
    int length = 0;
    for (byte @Nullable [] next = waiting.peek();
        next != null && length + next.length <= into.length;
        next = waiting.peek()) {
      System.arraycopy(next, 0, into, length, next.length);
      length += next.length;
      waiting.remove();
    }
    waitingBytes -= length;
    return length;
  }

  /** Takes and writes nothing any more; what waits is dropped. */
  void close() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      waitingBytes = 0;
      room.signalAll();
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
