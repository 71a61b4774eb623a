package dev.casemate.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command that was started. Its output goes to files, not pipes: a container that outlives the
 * command that created it holds them open. Closing it kills the command if it still runs.
 */
public final class RunningCommand implements AutoCloseable {

  /** For a command that reads nothing. */
  static final ProcessBuilder.Redirect NO_INPUT =
      ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile());

  private final List<String> command;
  private final Process process;
  private final Path output;
  private final Path errors;

  private RunningCommand(List<String> command, Process process, Path output, Path errors) {
    this.command = List.copyOf(command);
    this.process = process;
    this.output = output;
    this.errors = errors;
  }

  /**
   * Starts a command.
   *
   * @param scratch the directory for the files that its output goes to
   * @param environment added to this process's
   */
  static RunningCommand start(
      List<String> command,
      Path scratch,
      ProcessBuilder.Redirect input,
      Map<String, String> environment) {
    try {
      Path output = Files.createTempFile(scratch, "stdout", "");
      Path errors = Files.createTempFile(scratch, "stderr", "");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(input)
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile());
      builder.environment().putAll(environment);
      return new RunningCommand(command, builder.start(), output, errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes for a command to read. */
  static ProcessBuilder.Redirect input(Path scratch, byte[] bytes) {
    try {
      Path file = Files.createTempFile(scratch, "stdin", "");
      Files.write(file, bytes);
      return ProcessBuilder.Redirect.from(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The process, for its id, its input and for signals. */
  public Process process() {
    return process;
  }

  /** The command's standard input; only where it was started with a pipe. */
  public OutputStream input() {
    return process.getOutputStream();
  }

  /** What is on standard output so far. */
  public byte[] output() {
    return read(output);
  }

  /** What is on standard output so far, as text. */
  public String text() {
    return new String(output(), StandardCharsets.UTF_8);
  }

  /** What is on standard error so far. */
  public String errors() {
    return new String(read(errors), StandardCharsets.UTF_8);
  }

  /** Sends a signal by name ("TERM", "INT" …) to the command itself. */
  public void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("Interrupted while sending " + name, e);
    }
  }

  /**
   * Waits for the end, {@link Await#BOUND} at most.
   *
   * @throws AssertionError with everything printed so far, when it does not end
   */
  public CommandResult await() {
    return await(Await.BOUND);
  }

  /**
   * Waits for the end.
   *
   * @throws AssertionError with everything printed so far, when it does not end within the bound
   */
  public CommandResult await(Duration bound) {
    try {
      if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        String soFar = "\nstdout: " + text() + "\nstderr: " + errors();
        close();
        throw new AssertionError(
            String.join(" ", command) + " did not end within " + bound.toSeconds() + " s" + soFar);
      }
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new AssertionError("Interrupted while waiting for " + command, e);
    }
    return new CommandResult(command, process.exitValue(), output(), errors());
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
