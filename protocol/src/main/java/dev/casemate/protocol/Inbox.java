package dev.casemate.protocol;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a stream that wait for their receiver. The protocol has no flow control and the
 * reader thread, which all streams share, must not wait for one of them: a stream whose receiver
 * falls behind by more than the bounds fails.
 */
final class Inbox {
  /** The largest frame's; a message is always taken when none waits. */
  static final int MAX_BYTES = Wire.MAX_DATA;

  /** Enough for a burst of small messages while the receiver's thread is being scheduled. */
  static final int MAX_MESSAGES = 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<ByteString> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private boolean ended;
  private @Nullable TtrpcException failure;

  /** Adds a message; the stream fails when there is no room. After the end it is dropped. */
  void put(ByteString message) {
    lock.lock();
    try {
      if (ended || failure != null) {
        return;
      }
      if (waiting.size() >= MAX_MESSAGES
          || (waitingBytes > 0 && waitingBytes + message.size() > MAX_BYTES)) {
        failure =
            new TtrpcException(
                StatusCode.RESOURCE_EXHAUSTED, "messages came faster than they were taken");
      } else {
        waiting.add(message);
        waitingBytes += message.size();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** No further message comes. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Fails the stream once the messages that wait are taken; the first failure holds. */
  void fail(TtrpcException cause) {
    lock.lock();
    try {
      if (!ended && failure == null) {
        failure = cause;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next message, or null after the last.
   *
   * @throws TtrpcException when the stream failed, or the deadline passed
   */
  @Nullable ByteString take(Deadline deadline) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty()) {
        if (failure != null) {
          throw failure.again();
        }
        if (ended) {
          return null;
        }
        long left = deadline.remaining();
        if (left == 0) {
          throw new TtrpcException(StatusCode.DEADLINE_EXCEEDED, "no message came in time");
        }
        changed.awaitNanos(left);
      }
      ByteString message = waiting.remove();
      waitingBytes -= message.size();
      return message;
    } finally {
      lock.unlock();
    }
  }
}
