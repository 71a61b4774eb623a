package dev.casemate.shim;

import dev.casemate.core.GuestAgent;
import dev.casemate.core.ProcessId;
import dev.casemate.linux.LinuxException;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A process's standard streams, from their opening to the deletion of the process. Thread-safe. */
final class ProcessStreams {
  private final @Nullable InputCopy input;
  private final OutputSink output;
  private final @Nullable OutputSink error;
  private final @Nullable LoggerProcess logger;
  private final List<OutputCopy> copies = new ArrayList<>();
  private boolean released;

  private ProcessStreams(
      @Nullable InputCopy input,
      OutputSink output,
      @Nullable OutputSink error,
      @Nullable LoggerProcess logger) {
    this.input = input;
    this.output = output;
    this.error = error;
    this.logger = logger;
  }

  /**
   * Opens them; waits for nobody but a logger.
   *
   * @param container the container's id, for loggers
   * @param namespace containerd's, for loggers
   * @throws CasemateException NOT_FOUND or INVALID_ARGUMENT when one cannot be opened
   */
  static ProcessStreams open(Stdio stdio, String container, String namespace) {
    Opening opening = new Opening(container, namespace);
    try {
      return opening.open(stdio);
    } catch (RuntimeException failure) {
      opening.undo();
      throw failure;
    }
  }

  /** Streams half of which may be open. */
  private static final class Opening {
    private final String container;
    private final String namespace;
    private @Nullable InputCopy input;
    private @Nullable OutputSink output;
    private @Nullable LoggerProcess logger;

    Opening(String container, String namespace) {
      this.container = container;
      this.namespace = namespace;
    }

    ProcessStreams open(Stdio stdio) {
      if (!stdio.stdin().isEmpty()) {
        input = opened("stdin", stdio.stdin(), () -> InputCopy.open(stdio.stdin()));
      }
      if (stdio.stdout().startsWith("binary:")) {
        LoggerProcess started = LoggerProcess.start(address(stdio.stdout()), container, namespace);
        logger = started;
        return new ProcessStreams(
            input, started.output(), stdio.terminal() ? null : started.error(), started);
      }
      OutputSink stdout = sink("stdout", stdio.stdout());
      output = stdout;
      OutputSink stderr = stdio.terminal() ? null : sink("stderr", stdio.stderr());
      return new ProcessStreams(input, stdout, stderr, null);
    }

    private static OutputSink sink(String which, String name) {
      if (name.isEmpty()) {
        // What the process writes must go somewhere, or it would wait for a reader some day.
        return OutputSink.nothing();
      }
      if (name.startsWith("file:")) {
        return opened(which, name, () -> file(address(name)));
      }
      if (!name.startsWith("/")) {
        throw new CasemateException(
            ErrorCode.UNSUPPORTED,
            "send " + which + " to " + name,
            "only paths, file:// and binary:// are known",
            "choose one of them");
      }
      return opened(which, name, () -> OutputSink.open(name));
    }

    private static OutputSink file(URI address) {
      Path path = Path.of(address.getPath());
      try {
        Path parent = path.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
      } catch (IOException failure) {
        throw new CasemateException(
            ErrorCode.INVALID_ARGUMENT, "log to " + path, String.valueOf(failure), "", failure);
      }
      return OutputSink.file(path.toString());
    }

    private static URI address(String text) {
      try {
        return new URI(text);
      } catch (URISyntaxException malformed) {
        throw new CasemateException(
            ErrorCode.INVALID_ARGUMENT,
            "log to " + text,
            String.valueOf(malformed.getMessage()),
            "",
            malformed);
      }
    }

    private interface Opener<T> {
      T open();
    }

    private static <T> T opened(String which, String name, Opener<T> opener) {
      try {
        return opener.open();
      } catch (LinuxException refused) {
        throw new CasemateException(
            ErrorCode.NOT_FOUND,
            "open " + which + " " + name,
            String.valueOf(refused.getMessage()),
            "",
            refused);
      }
    }

    void undo() {
      if (input != null) {
        input.release();
      }
      if (logger != null) {
        logger.end();
      } else if (output != null) {
        output.release();
      }
    }
  }

  /** Starts to carry between them and a process that exists; returns at once. */
  synchronized void connect(GuestAgent agent, ProcessId process) {
    copies.add(OutputCopy.start("stdout-" + process, agent.standardOutput(process), output));
    if (error != null) {
      copies.add(OutputCopy.start("stderr-" + process, agent.standardError(process), error));
    }
    if (input != null) {
      input.start("stdin-" + process, agent.standardInput(process));
    } else {
      Thread.ofVirtual().name("no-stdin-" + process).start(() -> closeInput(agent, process));
    }
  }

  private static void closeInput(GuestAgent agent, ProcessId process) {
    try {
      agent.standardInput(process).close();
    } catch (IOException processGone) {
      // It reads nothing any more.
    }
  }

  /** The present clients are the last ones to write to the standard input. */
  void closeInput() {
    if (input != null) {
      input.closeInput();
    }
  }

  /**
   * Waits until all that the process wrote is where it goes, for as long as something moves.
   *
   * @param patience how long nothing may move
   */
  void drain(Duration patience) {
    List<OutputCopy> running;
    synchronized (this) {
      running = List.copyOf(copies);
    }
    try {
      for (OutputCopy copy : running) {
        if (!copy.awaitEnd(patience)) {
          return;
        }
      }
    } catch (InterruptedException giveUp) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until all that the process wrote has left the guest, or nobody wants it any more: for as
   * long as its readers take.
   */
  void awaitOutput() {
    List<OutputCopy> running;
    synchronized (this) {
      running = List.copyOf(copies);
    }
    try {
      for (OutputCopy copy : running) {
        copy.awaitEnd();
      }
    } catch (InterruptedException giveUp) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes everything; what a reader has not taken is lost. Again does nothing. */
  void release() {
    synchronized (this) {
      if (released) {
        return;
      }
      released = true;
    }
    if (input != null) {
      input.release();
    }
    output.release();
    if (error != null) {
      error.release();
    }
    if (logger != null) {
      logger.end();
    }
  }
}
