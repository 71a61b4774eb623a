package dev.casemate.shim;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.OpenFlag;
import dev.casemate.linux.Wakeup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Carries a FIFO to a process's standard input, on a platform thread, since it waits in native
 * code. The FIFO's writing end is held, too, so that a client may detach and another one attach;
 * {@link #closeInput} lets go of it, and the end of the input comes when the clients have left.
 * Thread-safe.
 */
final class InputCopy {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Descriptor reader;
  private final Descriptor keeper;
  private final Wakeup stop = new Wakeup();
  private boolean started;
  private boolean ended;

  private InputCopy(Descriptor reader, Descriptor keeper) {
    this.reader = reader;
    this.keeper = keeper;
  }

  /** Opens the FIFO; waits for nobody. */
  static InputCopy open(String path) {
    Descriptor reader = Descriptor.open(path, OpenAccess.READ, OpenFlag.NON_BLOCKING);
    try {
      Descriptor keeper = Descriptor.open(path, OpenAccess.WRITE, OpenFlag.NON_BLOCKING);
      reader.setNonBlocking(false);
      return new InputCopy(reader, keeper);
    } catch (LinuxException refused) {
      reader.close();
      throw refused;
    }
  }

  /** Begins to carry. */
  synchronized void start(String name, OutputStream to) {
    if (ended) {
      return;
    }
    started = true;
    Thread.ofPlatform().daemon().name(name).start(() -> run(to));
  }

  private void run(OutputStream to) {
    try (to) {
      InputStream from = reader.inputStream(stop);
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int got = from.read(buffer); got >= 0; got = from.read(buffer)) {
        to.write(buffer, 0, got);
      }
    } catch (IOException | LinuxException ended) {
      // The process takes no more, or all is over.
    } finally {
      // A client that writes on gets SIGPIPE, as from any process that has closed its input.
      end();
    }
  }

  private synchronized void end() {
    ended = true;
    keeper.close();
    reader.close();
    stop.close();
  }

  /** No more clients will attach: the process gets its end of input after the present ones'. */
  void closeInput() {
    keeper.close();
  }

  /** Ends the carrying. */
  synchronized void release() {
    if (ended) {
      return;
    }
    if (started) {
      stop.signal();
    } else {
      end();
    }
  }
}
