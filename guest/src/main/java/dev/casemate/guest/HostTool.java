package dev.casemate.guest;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A program of the host with its arguments. Immutable until it runs; the calling thread waits.
 *
 * @param command program and arguments
 * @param directory where it runs
 * @param environment added to a small fixed environment, never the caller's
 * @param bound how long it may take
 */
record HostTool(
    List<String> command, Path directory, Map<String, String> environment, Duration bound) {
  /** Unpacking, linking and packing take seconds; minutes mean that something hangs. */
  static final Duration SHORT = Duration.ofMinutes(10);

  // What an error message shows of a failed program's output.
  private static final int TAIL_LINES = 15;
  private static final Duration HEARTBEAT = Duration.ofSeconds(30);
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  HostTool {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /** A program that is done in seconds and needs nothing in its environment. */
  static HostTool of(Path directory, String... command) {
    return new HostTool(List.of(command), directory, Map.of(), SHORT);
  }

  /**
   * Fails unless a program is installed.
   *
   * @param debianPackage what to install to get it
   */
  static void require(String program, String debianPackage) {
    if (!isInstalled(program)) {
      throw Failures.host(
          "build a guest",
          "the program " + program + " is missing",
          "install it: apt-get install " + debianPackage);
    }
  }

  /** Whether a program is found where programs are. */
  static boolean isInstalled(String program) {
    return find(program).isPresent();
  }

  /** Where a program is installed. */
  static Optional<Path> find(String program) {
    for (String directory : PATH.split(":", -1)) {
      Path file = Path.of(directory, program);
      if (Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /**
   * Runs it and gives what it wrote to standard output and standard error.
   *
   * @param purpose names the attempt in errors, as a clause
   * @throws CasemateException when it cannot be started, fails, or takes too long
   */
  String run(String purpose) {
    return run(purpose, elapsed -> {});
  }

  /** The same; the callback is told twice a minute how long it has taken. */
  String run(String purpose, java.util.function.Consumer<Duration> heartbeat) {
    Path log = null;
    try {
      log = Files.createTempFile("casemate-tool-", ".log");
      int status = runTo(log, purpose, heartbeat);
      String output = Files.readString(log, StandardCharsets.ISO_8859_1);
      if (status != 0) {
        throw failed(purpose, status, output);
      }
      return output;
    } catch (IOException e) {
      throw Failures.io(purpose, directory, e);
    } finally {
      if (log != null) {
        Trees.deleteQuietly(log);
      }
    }
  }

  private int runTo(Path log, String purpose, java.util.function.Consumer<Duration> heartbeat)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(directory.toFile());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.environment().clear();
    builder.environment().put("PATH", PATH);
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      return await(process, purpose, heartbeat);
    } finally {
      List<ProcessHandle> below = new ArrayList<>(process.descendants().toList());
      process.destroyForcibly();
      below.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private int await(
      Process process, String purpose, java.util.function.Consumer<Duration> heartbeat) {
    long began = System.nanoTime();
    try {
      while (true) {
        if (process.waitFor(HEARTBEAT.toSeconds(), TimeUnit.SECONDS)) {
          return process.exitValue();
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - began);
        if (elapsed.compareTo(bound) >= 0) {
          throw new CasemateException(
              ErrorCode.TIMED_OUT,
              purpose,
              program() + " was not done after " + bound.toMinutes() + " minutes",
              "try again when the machine is less busy");
        }
        heartbeat.accept(elapsed);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CasemateException(
          ErrorCode.CANCELLED, purpose, "the build was interrupted", "start it again", e);
    }
  }

  private CasemateException failed(String purpose, int status, String output) {
    List<String> lines = output.lines().toList();
    String tail =
        String.join("\n  ", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    String why = program() + " exited with " + status + ":\n  " + tail + "\n";
    if (Failures.isFull(directory)) {
      return new CasemateException(
          ErrorCode.EXHAUSTED, purpose, "no space is left in " + directory + "; " + why, "");
    }
    return Failures.host(purpose, why, "");
  }

  private String program() {
    return command.getFirst();
  }
}
