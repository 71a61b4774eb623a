package dev.casemate.host.storage;

import dev.casemate.core.FileServiceEnd;
import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.Confinement;
import dev.casemate.hypervisor.ExitStatus;
import dev.casemate.hypervisor.HostCommand;
import dev.casemate.hypervisor.HostProcess;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.VirtioFsCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A running virtiofsd that serves one directory to one VMM. Thread-safe. */
final class VirtioFsDaemon implements AutoCloseable {
  /**
   * It listens a few milliseconds after its start; a loaded host may take a thousand times more.
   */
  private static final Duration LISTEN_BOUND = Duration.ofSeconds(30);

  private static final Duration LISTEN_PAUSE = Duration.ofMillis(2);

  /** Nothing is left to be saved when it is killed. */
  private static final Duration KILL_BOUND = Duration.ofSeconds(10);

  private static final int OWNER_ONLY = 0600;

  private static final Path LOCKS = Path.of("/run/virtiofsd");

  private final HostProcess process;
  private final Path socket;
  private volatile boolean closing;

  private VirtioFsDaemon(HostProcess process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  /**
   * Starts one and waits until it listens.
   *
   * @param socket where it shall listen; only the VMM's user may connect there
   * @param log a file that gets what it prints
   * @throws CasemateException HELPER_DIED when it ends before, with what it said
   */
  static VirtioFsDaemon start(
      Supervisor supervisor,
      VirtioFsProgram program,
      Path directory,
      VirtioFsCache cache,
      Path socket,
      VmmCredentials vmm,
      Path log) {
    HostProcess process =
        supervisor.spawn(
            new HostCommand(
                "virtiofsd",
                program.arguments(socket, directory, cache),
                new Confinement.Privileged(),
                Map.of()),
            log);
    VirtioFsDaemon daemon = new VirtioFsDaemon(process, socket);
    try {
      daemon.awaitListening();
      Filesystem.setOwner(socket.toString(), vmm.uid(), vmm.gid());
      Filesystem.setPermissions(socket.toString(), OWNER_ONLY);
      return daemon;
    } catch (LinuxException refused) {
      daemon.close();
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "give the file daemon's socket to the VMM",
          String.valueOf(refused.getMessage()),
          "",
          refused);
    } catch (RuntimeException failure) {
      daemon.close();
      throw failure;
    }
  }

  private void awaitListening() {
    long deadline = System.nanoTime() + LISTEN_BOUND.toNanos();
    while (!isListening()) {
      Optional<ExitStatus> exit = process.awaitExit(LISTEN_PAUSE);
      if (exit.isPresent()) {
        throw new CasemateException(
            ErrorCode.HELPER_DIED,
            "start the file daemon " + process.command().argv().getFirst(),
            "it " + death(exit.get()),
            "try it by hand, with the options that ps shows");
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new CasemateException(
            ErrorCode.CANCELLED, "start the file daemon", "the caller gave up", "");
      }
      if (System.nanoTime() > deadline) {
        throw new CasemateException(
            ErrorCode.TIMED_OUT,
            "start the file daemon",
            "it does not listen on " + socket + " after " + LISTEN_BOUND.toSeconds() + " s",
            "is the host overloaded?");
      }
    }
  }

  /** The file is there before the first connection is taken, so it is no proof. */
  private boolean isListening() {
    if (!Files.exists(socket)) {
      return false;
    }
    String suffix = " " + socket;
    try {
      for (String line :
          Files.readAllLines(Path.of("/proc/self/net/unix"), StandardCharsets.ISO_8859_1)) {
        // Num RefCount Protocol Flags Type St Inode Path; __SO_ACCEPTCON is 1 << 16.
        if (line.endsWith(suffix) && line.contains(" 00010000 ")) {
          return true;
        }
      }
      return false;
    } catch (IOException noProc) {
      return true;
    }
  }

  private String death(ExitStatus exit) {
    // What it printed last may still be on its way.
    process.awaitOutputEnd(Duration.ofSeconds(1));
    List<String> said = process.output().lastLines(3);
    return exit.describe() + (said.isEmpty() ? "" : ": " + String.join("; ", said));
  }

  /** Its process id. */
  long pid() {
    return process.pid();
  }

  /**
   * Completes with how it ended when it does so before it is closed; the files are gone then.
   * Status 0 is what it ends with when the VMM hangs up.
   */
  CompletableFuture<FileServiceEnd> ended() {
    CompletableFuture<FileServiceEnd> ended = new CompletableFuture<>();
    var _ =
        process
            .exit()
            .thenAccept(exit -> {
              if (!closing) {
                ended.complete(
                    new FileServiceEnd(
                        exit.equals(new ExitStatus.Exited(0)), "the file daemon " + death(exit)));
              }
            });
    return ended;
  }

  @Override
  public void close() {
    closing = true;
    process.kill(KILL_BOUND);
    removeTraces(socket);
  }

  /**
   * Removes the socket and the lock file that each implementation leaves: beside the socket, or in
   * a directory for all, under the socket's path with dots for slashes.
   */
  static void removeTraces(Path socket) {
    String dotted = socket.toString().replace('/', '.');
    try {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(socket.resolveSibling(socket.getFileName() + ".pid"));
      Files.deleteIfExists(LOCKS.resolve(dotted + ".pid"));
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "remove the file daemon's socket",
          String.valueOf(failure.getMessage()),
          "",
          failure);
    }
  }
}
