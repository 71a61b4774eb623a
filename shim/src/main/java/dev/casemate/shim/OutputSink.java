package dev.casemate.shim;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.FileStatus;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.OpenFlag;
import dev.casemate.linux.Poll;
import dev.casemate.linux.Wakeup;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What takes one output of a process. Owned by the thread that writes; {@link #release} may come
 * from another.
 *
 * <p>Of a FIFO the reading end is held, too, until {@link #release}: so a reader may come late, go
 * and come back, and what is in the FIFO when the process ends waits for it.
 */
final class OutputSink {
  private static final int FILE_MODE = 0644;

  private final Descriptor writer;
  private final @Nullable Descriptor keeper;

  /** Ends a wait for room; made for the first one. */
  private @Nullable Wakeup stop;

  private boolean released;

  private OutputSink(Descriptor writer, @Nullable Descriptor keeper) {
    this.writer = writer;
    this.keeper = keeper;
  }

  /** A FIFO, or whatever else can be appended to. Waits for nobody. */
  static OutputSink open(String path) {
    Descriptor keeper = Descriptor.open(path, OpenAccess.READ, OpenFlag.NON_BLOCKING);
    try {
      boolean fifo = keeper.status().kind() == FileStatus.Kind.FIFO;
      // Non-blocking, so that a reader that does not read holds up nothing but this output.
      Descriptor writer =
          fifo
              ? Descriptor.open(path, OpenAccess.WRITE, OpenFlag.NON_BLOCKING)
              : Descriptor.open(path, OpenAccess.WRITE, OpenFlag.APPEND);
      if (!fifo) {
        keeper.close();
      }
      return new OutputSink(writer, fifo ? keeper : null);
    } catch (LinuxException refused) {
      keeper.close();
      throw refused;
    }
  }

  /** Takes everything and keeps nothing. */
  static OutputSink nothing() {
    return file("/dev/null");
  }

  /** A file, made if it does not exist. */
  static OutputSink file(String path) {
    return new OutputSink(
        Descriptor.open(path, OpenAccess.WRITE, FILE_MODE, OpenFlag.CREATE, OpenFlag.APPEND), null);
  }

  /** The writing end of something that another process reads. */
  static OutputSink pipe(Descriptor writer) {
    writer.setNonBlocking(true);
    return new OutputSink(writer, null);
  }

  /**
   * Writes all of it, waiting for the reader for as long as it takes.
   *
   * @return false when nobody will read it, or the sink was released
   */
  boolean write(byte[] bytes, int length) {
    int done = 0;
    while (done < length) {
      try {
        done += writer.write(bytes, done, length - done);
      } catch (LinuxException failure) {
        if (failure.errno() != Errno.EAGAIN || !awaitRoom()) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * The caller's thread is a virtual one and must not wait in native code: a platform thread does,
   * for as long as the reader is slow.
   */
  private boolean awaitRoom() {
    Wakeup wakeup = stop();
    if (wakeup == null) {
      return false;
    }
    Thread waiting = Thread.ofPlatform().daemon().name("slow-reader").start(() -> poll(wakeup));
    try {
      waiting.join();
    } catch (InterruptedException giveUp) {
      Thread.currentThread().interrupt();
      return false;
    }
    return stop() != null;
  }

  private synchronized @Nullable Wakeup stop() {
    if (released) {
      return null;
    }
    if (stop == null) {
      stop = new Wakeup();
    }
    return stop;
  }

  private void poll(Wakeup wakeup) {
    try {
      var _ =
          Poll.await(
              List.of(
                  new Poll.Interest(writer, false, true),
                  Poll.Interest.readable(wakeup.descriptor())),
              null);
    } catch (LinuxException released) {
      // The next write says so.
    }
  }

  /** Ends the output: a reader gets what is left and then the end. */
  void close() {
    writer.close();
  }

  /** Gives up whatever the reader has not taken. The writing thread's write returns. */
  synchronized void release() {
    if (released) {
      return;
    }
    released = true;
    if (stop != null) {
      stop.signal();
      stop.close();
    }
    writer.close();
    if (keeper != null) {
      keeper.close();
    }
  }
}
