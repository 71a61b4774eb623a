package dev.casemate.testkit;

import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The host processes of one container's sandbox, found as a person with a debugger would: by the
 * state file and the command lines in /proc. For tests that kill them.
 */
public final class SandboxProcesses {
  private final Path stateFile;
  private final long monitor;
  private final Path runDirectory;

  private SandboxProcesses(Path stateFile, long monitor, Path runDirectory) {
    this.stateFile = stateFile;
    this.monitor = monitor;
    this.runDirectory = runDirectory;
  }

  /** Those of a container that exists or is being made; waits for its state file. */
  public static SandboxProcesses of(CasemateCommand casemate, String id) {
    Path file = casemate.stateDirectory().resolve(id).resolve("state.json");
    JsonCursor at = Await.value("there is " + file, Await.BOUND, () -> read(file));
    return new SandboxProcesses(
        file,
        at.require("monitor").require("pid").integer(1, Integer.MAX_VALUE),
        Path.of(at.require("runDirectory").text()));
  }

  private static Optional<JsonCursor> read(Path file) {
    try {
      return Optional.of(
          JsonCursor.of(
              Json.parseObject(Files.readAllBytes(file), "state.json", JsonLimits.OCI), "state"));
    } catch (NoSuchFileException notYet) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The container's state file. */
  public Path stateFile() {
    return stateFile;
  }

  /** The sandbox's run directory. */
  public Path runDirectory() {
    return runDirectory;
  }

  /** The monitor. */
  public long monitor() {
    return monitor;
  }

  /** The VMM; waits until there is one. */
  public long vmm() {
    return Await.value(
        "the VMM runs", Await.BOUND, () -> named("qemu-system").stream().findFirst());
  }

  /** The file daemon's processes, the one that the others depend on first. */
  public List<Long> fileDaemons() {
    return named("virtiofsd");
  }

  /** What Debian 12's virtiofsd leaves outside of the run directory when it is killed. */
  public Path fileDaemonLock() {
    String socket = runDirectory.resolve("virtiofsd.sock").toString();
    return Path.of("/run/virtiofsd", socket.replace('/', '.') + ".pid");
  }

  /** How the container ended, as it was recorded; waits until it is. */
  public JsonCursor exit() {
    return Await.value(
        "the end is recorded",
        Await.BOUND,
        () -> read(stateFile).flatMap(state -> Optional.ofNullable(state.find("exit"))));
  }

  private List<Long> named(String program) {
    List<Long> pids = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        String command = commandLine(process);
        // Between fork and exec a child still is setpriv, with the program among its arguments.
        if (command.contains(runDirectory + "/") && program(command).contains(program)) {
          pids.add(Long.parseLong(process.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    pids.sort(null);
    return pids;
  }

  private static String program(String commandLine) {
    int end = commandLine.indexOf('\0');
    return end < 0 ? commandLine : commandLine.substring(0, end);
  }

  private static String commandLine(Path process) {
    try {
      return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  /** Sends SIGKILL; who is gone already does not matter. */
  public static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }
}
