package dev.casemate.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Poll;
import dev.casemate.linux.Wakeup;
import dev.casemate.protocol.Call;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a process writes: the read end of its pipe, or its terminal. Bytes stay in the kernel until
 * a request takes them, so a slow reader stops only this process. One reader at a time; further
 * ones wait their turn on the lock. A read whose request is cancelled takes no bytes, so none are
 * lost.
 */
final class ProcessOutput implements AutoCloseable {
  /** The most that one answer carries; a pipe holds no more. */
  private static final int MAX_CHUNK = ProcessStreams.PIPE_BYTES;

  /** What is made room for when the kernel does not tell how much there is. */
  private static final int SMALL_CHUNK = 4096;

  private final ReentrantLock reading = new ReentrantLock();

  /** Null once the end was reached, or when there never was such a stream. */
  private volatile @Nullable Descriptor source;

  /** Wakes whoever waits for bytes when there will be none; closed with the stream. */
  private final @Nullable Wakeup noMore;

  private volatile boolean writerEnded;

  /** How many bytes may still be those of a writer that has ended; guarded by {@link #reading}. */
  private int left = MAX_CHUNK;

  /** A stream that this object closes at its end. */
  ProcessOutput(@Nullable Descriptor source) {
    this.source = source;
    this.noMore = source == null ? null : new Wakeup();
  }

  /** Whether all there ever was has been read. */
  boolean ended() {
    return source == null;
  }

  /**
   * Waits for bytes.
   *
   * @param length the most to return, at least 1; more than {@link ProcessStreams#PIPE_BYTES}
   *     counts as that
   * @return at least one byte, or none at the end and whenever it is asked for again
   */
  ByteString read(int length, Call call) throws InterruptedException {
    reading.lockInterruptibly();
    try {
      Descriptor from = source;
      if (from == null) {
        return ByteString.EMPTY;
      }
      ByteString some = readOrEnd(from, length, call);
      if (some.isEmpty()) {
        close();
      }
      return some;
    } finally {
      reading.unlock();
    }
  }

  private ByteString readOrEnd(Descriptor from, int length, Call call) throws InterruptedException {
    try {
      CancellableWait.await(Poll.Interest.readable(from), noMore, call);
      return writerEnded ? readLast(from, length) : readSome(from, length);
    } catch (LinuxException e) {
      // EIO: the last process that had the terminal open is gone. EBADF: closed meanwhile.
      if (e.errno() == Errno.EIO || e.errno() == Errno.EBADF) {
        return ByteString.EMPTY;
      }
      throw e;
    }
  }

  /** Reads what the pipe holds, and at its end says so, whoever else still could write. */
  private ByteString readLast(Descriptor from, int length) {
    if (left == 0 || !Poll.awaitReadable(from, Duration.ZERO)) {
      return ByteString.EMPTY;
    }
    ByteString some = readSome(from, Math.min(length, left));
    left -= some.size();
    return some;
  }

  /** Reads with an array no larger than need be, since most of what processes write is short. */
  private static ByteString readSome(Descriptor from, int length) {
    int there = Math.clamp(from.available(), SMALL_CHUNK, MAX_CHUNK);
    byte[] chunk = new byte[Math.min(length, there)];
    int count = from.read(chunk, 0, chunk.length);
    // The array is not used again.
    return count <= 0 ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(chunk, 0, count);
  }

  /**
   * Tells that the process has ended: what is in its pipe now is the last of it. A child that it
   * left behind may hold the other end for ever, and nobody waits for what that one writes.
   */
  void endWithProcess() {
    writerEnded = true;
    if (noMore != null) {
      CancellableWait.signal(noMore);
    }
  }

  /** Gives the stream up, with what was not read; who waits for more finds its end. */
  @Override
  public void close() {
    Descriptor from = source;
    source = null;
    if (from != null) {
      from.close();
      if (noMore != null) {
        CancellableWait.signal(noMore);
        noMore.close();
      }
    }
  }
}
