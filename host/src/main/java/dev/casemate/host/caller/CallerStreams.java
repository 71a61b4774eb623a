package dev.casemate.host.caller;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Pidfd;
import dev.casemate.linux.Terminal;
import dev.casemate.linux.TerminalPair;
import dev.casemate.linux.UnixSocket;
import dev.casemate.linux.WindowSize;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The caller's ends of a process's standard streams. A stream that the caller had closed is null
 * and counts as {@code /dev/null}.
 *
 * @param terminal what the window size is read from, null without a terminal
 * @param slavePath the terminal that was made for the caller, null when it brought its own
 */
record CallerStreams(
    @Nullable Descriptor input,
    @Nullable Descriptor output,
    @Nullable Descriptor error,
    @Nullable Descriptor terminal,
    @Nullable String slavePath)
    implements AutoCloseable {

  /** Duplicates of the stand-in's three streams. */
  static CallerStreams pipes(Pidfd standIn) {
    return new CallerStreams(take(standIn, 0), take(standIn, 1), take(standIn, 2), null, null);
  }

  /** The terminal that the stand-in has on its streams. */
  static CallerStreams ownTerminal(Pidfd standIn) {
    Descriptor input = take(standIn, 0);
    return new CallerStreams(input, take(standIn, 1), null, input, null);
  }

  /** A new terminal, its master sent to whoever listens on a socket. */
  static CallerStreams newTerminal(Path consoleSocket, WindowSize size) {
    TerminalPair pair = TerminalPair.open();
    try {
      // The guest's terminal edits and echoes; this one only carries bytes.
      Terminal.makeRaw(pair.slave());
      if (size.columns() > 0 && size.rows() > 0) {
        Terminal.setWindowSize(pair.slave(), size);
      }
      try (UnixSocket socket = UnixSocket.connect(consoleSocket.toString())) {
        socket.send(pair.slavePath().getBytes(StandardCharsets.UTF_8), List.of(pair.master()));
      }
      pair.master().close();
      return new CallerStreams(pair.slave(), pair.slave(), null, pair.slave(), pair.slavePath());
    } catch (LinuxException refused) {
      pair.close();
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "hand the terminal to " + consoleSocket,
          String.valueOf(refused.getMessage()),
          "let the caller listen on the console socket",
          refused);
    }
  }

  private static @Nullable Descriptor take(Pidfd standIn, int number) {
    try {
      return standIn.takeDescriptor(number);
    } catch (LinuxException failure) {
      if (failure.errno() == Errno.EBADF) {
        return null;
      }
      throw failure;
    }
  }

  /** The size of the caller's window, when there is one. */
  Optional<WindowSize> windowSize() {
    return terminal == null ? Optional.empty() : Terminal.windowSize(terminal);
  }

  @Override
  public void close() {
    for (Descriptor descriptor : new Descriptor[] {input, output, error}) {
      if (descriptor != null) {
        descriptor.close();
      }
    }
  }
}
