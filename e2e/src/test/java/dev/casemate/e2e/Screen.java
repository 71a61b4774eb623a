package dev.casemate.e2e;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Poll;
import dev.casemate.linux.Terminal;
import dev.casemate.linux.UnixListener;
import dev.casemate.linux.UnixSocket;
import dev.casemate.linux.WindowSize;
import dev.casemate.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Who sits before a terminal: types, and reads what is shown. Used by one thread. */
final class Screen implements AutoCloseable {
  private static final int MAX_NAME = 4096;

  private final Descriptor master;
  private final StringBuilder shown = new StringBuilder();
  private int seen;
  private boolean ended;

  /** Takes the ownership of a terminal's master side. */
  Screen(Descriptor master) {
    this.master = master;
  }

  /** The terminal whose master side a runtime sends to a console socket, as it must. */
  static Screen receivedFrom(UnixListener socket) {
    if (!Poll.awaitReadable(socket.descriptor(), Await.BOUND)) {
      throw new AssertionError("nobody connected to the console socket");
    }
    try (UnixSocket peer = socket.accept().orElseThrow()) {
      List<Descriptor> sent = peer.receive(MAX_NAME, 1).descriptors();
      if (sent.size() != 1 || !Terminal.isTerminal(sent.getFirst())) {
        throw new AssertionError("not one terminal was sent but " + sent);
      }
      return new Screen(sent.getFirst());
    }
  }

  /** Types the text, in which a newline is the return key. */
  void type(String text) {
    master.writeAll(text.replace('\n', '\r').getBytes(StandardCharsets.UTF_8));
  }

  /** Makes the window that size. */
  void resize(int columns, int rows) {
    Terminal.setWindowSize(master, new WindowSize(columns, rows));
  }

  /** Waits until the text is shown, behind all that was waited for before. */
  void await(String text) {
    long deadline = System.nanoTime() + Await.BOUND.toNanos();
    while (true) {
      int at = shown.indexOf(text, seen);
      if (at >= 0) {
        seen = at + text.length();
        return;
      }
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (ended || left.isNegative() || !Poll.awaitReadable(master, left) || !read()) {
        throw new AssertionError("'" + text + "' was not shown, but: " + shown.substring(seen));
      }
    }
  }

  /** Waits until no process has the terminal any more; all that was shown. */
  String awaitEnd() {
    while (!ended) {
      if (!Poll.awaitReadable(master, Await.BOUND)) {
        throw new AssertionError("the terminal is still in use, having shown: " + shown);
      }
      read();
    }
    return shown.toString();
  }

  private boolean read() {
    byte[] bytes = new byte[MAX_NAME];
    try {
      int count = master.read(bytes, 0, bytes.length);
      ended = count <= 0;
      // What programs show here is ASCII.
      shown.append(new String(bytes, 0, Math.max(0, count), StandardCharsets.ISO_8859_1));
    } catch (LinuxException gone) {
      ended = true;
    }
    return !ended;
  }

  /** Hangs up. */
  @Override
  public void close() {
    master.close();
  }
}
