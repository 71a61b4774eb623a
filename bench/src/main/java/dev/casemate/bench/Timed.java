package dev.casemate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One command that was run to its end.
 *
 * @param elapsed from just before it was spawned until it was reaped
 * @param exitCode its exit code
 * @param output what it wrote to standard output and error
 */
record Timed(Duration elapsed, int exitCode, String output) {

  /** Far beyond any boot; a command that takes this long is broken and must not stop the others. */
  private static final Duration BOUND = Duration.ofMinutes(2);

  /** Runs a command with nothing on its standard input. */
  static Timed run(List<String> command) throws IOException {
    // A file, since what a command leaves running would hold a pipe open.
    Path output = Files.createTempFile("casemate-bench", ".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      long start = System.nanoTime();
      Process process = builder.start();
      boolean ended = process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS);
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + " did not end within " + BOUND);
      }
      return new Timed(elapsed, process.exitValue(), Files.readString(output));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command, e);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  /** This, if the command succeeded. */
  Timed mustSucceed(List<String> command) throws IOException {
    if (exitCode != 0) {
      throw new IOException(
          String.join(" ", command) + " exited with " + exitCode + ": " + output.strip());
    }
    return this;
  }

  /** Milliseconds with microseconds behind the point. */
  double millis() {
    return elapsed.toNanos() / 1e6;
  }
}
