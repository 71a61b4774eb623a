package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Pipe;
import dev.casemate.linux.Terminal;
import dev.casemate.linux.WindowSize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one process: three pipes, or a terminal whose output is the standard output.
 *
 * @param input what it reads
 * @param output what it writes
 * @param errors what it writes to its error stream; ended from the start for a terminal
 * @param terminal the terminal's master side; null for pipes. A descriptor of its own, so that it
 *     can be resized while output is read
 */
record ProcessStreams(
    ProcessInput input, ProcessOutput output, ProcessOutput errors, @Nullable Descriptor terminal)
    implements AutoCloseable {

  /**
   * What a pipe holds: four times the kernel's default, so that as many bytes cost a quarter of the
   * requests. Everybody may have that much, {@code fs.pipe-max-size} is four times larger again.
   */
  static final int PIPE_BYTES = 256 * 1024;

  /** Pipes whose far ends a process gets. */
  record Pipes(ProcessStreams streams, List<Descriptor> farEnds) implements AutoCloseable {
    /** Closes the far ends, which the process has by now. */
    @Override
    public void close() {
      for (Descriptor end : farEnds) {
        end.close();
      }
    }
  }

  /** Opens three pipes. */
  static Pipes pipes() {
    Pipe in = Pipe.open();
    Pipe out = Pipe.open();
    Pipe errors = Pipe.open();
    in.writeEnd().growPipe(PIPE_BYTES);
    in.writeEnd().setNonBlocking(true);
    out.readEnd().growPipe(PIPE_BYTES);
    errors.readEnd().growPipe(PIPE_BYTES);
    ProcessStreams streams =
        new ProcessStreams(
            new ProcessInput(in.writeEnd(), true),
            new ProcessOutput(out.readEnd()),
            new ProcessOutput(errors.readEnd()),
            null);
    return new Pipes(streams, List.of(in.readEnd(), out.writeEnd(), errors.writeEnd()));
  }

  /** The streams over a terminal's master side. */
  static ProcessStreams terminal(Descriptor master) {
    return new ProcessStreams(
        new ProcessInput(master.duplicate(), false),
        new ProcessOutput(master.duplicate()),
        new ProcessOutput(null),
        master);
  }

  /** Lets the outputs end with the process. A terminal ends itself, with its last user. */
  void endWithProcess() {
    if (terminal == null) {
      output.endWithProcess();
      errors.endWithProcess();
    }
  }

  /** Whether all output has been read. */
  boolean drained() {
    return output.ended() && errors.ended();
  }

  /** Changes the terminal's size. */
  void resize(int rows, int columns) {
    Descriptor master = terminal;
    if (master == null) {
      throw RequestError.wrongState("resize the terminal", "the process has none");
    }
    Terminal.setWindowSize(master, new WindowSize(columns, rows));
  }

  @Override
  public void close() {
    input.close();
    output.close();
    errors.close();
    if (terminal != null) {
      terminal.close();
    }
  }
}
