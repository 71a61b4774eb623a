package dev.casemate.agent;

import com.google.protobuf.ByteString;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Poll;
import dev.casemate.protocol.Call;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a process reads: the write end of its pipe, or its terminal. A process that does not read
 * stops only the request that writes to it. One writer at a time.
 */
final class ProcessInput implements AutoCloseable {
  // What a terminal that poll(2) calls writable takes without waiting, so that a cancelled request
  // never stays in the kernel. It cannot be non-blocking: its output shares the flag.
  private static final int TERMINAL_BYTES = 4096;

  private final ReentrantLock writing = new ReentrantLock();
  private final boolean halfCloses;
  private volatile @Nullable Descriptor sink;

  /**
   * A stream that this object closes. A pipe's end must be non-blocking.
   *
   * @param halfCloses whether closing it is the end of the process's input; a terminal has no such
   *     end, and closing it would hang it up
   */
  ProcessInput(@Nullable Descriptor sink, boolean halfCloses) {
    this.sink = sink;
    this.halfCloses = halfCloses;
  }

  /**
   * Writes everything, waiting for the process to read.
   *
   * @throws dev.casemate.model.CasemateException WRONG_STATE when the input is closed, by a request
   *     or by the process
   */
  void write(ByteString data, Call call) throws InterruptedException {
    writing.lockInterruptibly();
    try {
      Descriptor to = sink;
      if (to == null) {
        throw RequestError.wrongState("write to the process", "its input is closed");
      }
      byte[] bytes = data.toByteArray();
      int most = halfCloses ? bytes.length : TERMINAL_BYTES;
      int done = 0;
      while (done < bytes.length) {
        CancellableWait.await(Poll.Interest.writable(to), call);
        done += to.write(bytes, done, Math.min(most, bytes.length - done));
      }
    } catch (LinuxException e) {
      if (e.errno() == Errno.EPIPE || e.errno() == Errno.EIO || e.errno() == Errno.EBADF) {
        throw RequestError.wrongState("write to the process", "it closed its input");
      }
      throw e;
    } finally {
      writing.unlock();
    }
  }

  /** The end of the process's input, unless it is a terminal. Does not wait for a writer. */
  void end() {
    if (halfCloses) {
      close();
    }
  }

  @Override
  public void close() {
    Descriptor to = sink;
    sink = null;
    if (to != null) {
      to.close();
    }
  }
}
