package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Poll;
import dev.casemate.linux.UnixListener;
import dev.casemate.linux.UnixSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The socket through which the runtime hands over the master side of a process's terminal. It
 * connects and sends before it ends, so that all has arrived once it has ended well.
 */
final class ConsoleSocket implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final int MAX_NAME = 4096;

  private final Path path;
  private final UnixListener listener;

  /** Listens at a path in the agent's own directory. */
  ConsoleSocket(Path path) {
    this.path = path;
    this.listener = UnixListener.listen(path.toString());
  }

  Path path() {
    return path;
  }

  /**
   * Takes the master side.
   *
   * @throws dev.casemate.model.CasemateException TIMED_OUT when the runtime has sent none
   */
  Descriptor master() {
    String tried = "take the terminal from the runtime";
    if (!Poll.awaitReadable(listener.descriptor(), BOUND)) {
      throw RequestError.timedOut(tried, "the runtime did not connect");
    }
    try (UnixSocket peer = listener.accept().orElseThrow()) {
      List<Descriptor> sent = peer.receive(MAX_NAME, 1).descriptors();
      if (sent.isEmpty()) {
        throw RequestError.failed(tried, new IllegalStateException("the runtime sent none"));
      }
      return sent.getFirst();
    }
  }

  @Override
  public void close() {
    listener.close();
    Crun.delete(path);
  }
}
