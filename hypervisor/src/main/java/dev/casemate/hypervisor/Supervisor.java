package dev.casemate.hypervisor;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.Pidfd;
import dev.casemate.linux.Pipe;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Spawns host processes, all from one platform thread that lives as long as the supervisor: Linux
 * sends a child its parent-death signal when the <em>thread</em> that forked it ends, so a child of
 * a pool's or of a virtual thread's carrier would die at a time of nobody's choosing.
 *
 * <p>Thread-safe. Closing ends the thread, and with it, by SIGKILL, every child still running.
 */
public final class Supervisor implements AutoCloseable {
  /** How much of a child's output stays in memory: a screenful of errors many times over. */
  private static final int RING_BYTES = 64 * 1024;

  /** A fork takes milliseconds; longer means a host that cannot start processes any more. */
  private static final long SPAWN_BOUND_SECONDS = 30;

  /** Where setpriv(1) is: distributions differ by whether /bin is /usr/bin. */
  private static final List<Path> PROGRAM_DIRECTORIES =
      List.of(Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/local/bin"));

  private static final Path NOTHING = Path.of("/dev/null");

  private final LinkedBlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
  private final Thread spawner;
  private final Set<HostProcess> running = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Starts the spawning thread, a daemon: when the JVM ends, so do all children. */
  public Supervisor() {
    spawner = Thread.ofPlatform().daemon().name("supervisor").start(this::serve);
  }

  private void serve() {
    while (!closed) {
      try {
        requests.take().run();
      } catch (InterruptedException e) {
        // close() interrupts to end the loop; anything else must not kill the children.
      }
    }
  }

  /**
   * Spawns a process with /dev/null as standard input, an environment of its own, and output that
   * goes into a ring and a capped file.
   *
   * @param log the file; an existing one is replaced, and a directory that cannot be written only
   *     costs the copy
   * @throws CasemateException HOST_UNFIT without setpriv or with a host that cannot fork; what is
   *     wrong with the program itself shows as exit status 126 or 127 of setpriv
   */
  public HostProcess spawn(HostCommand command, Path log) {
    if (closed) {
      throw new IllegalStateException("the supervisor is closed");
    }
    CompletableFuture<HostProcess> spawned = new CompletableFuture<>();
    requests.add(() -> spawn(command, log, spawned));
    HostProcess process = await(spawned, command);
    running.removeIf(earlier -> !earlier.isAlive());
    running.add(process);
    if (closed) {
      process.kill(Duration.ZERO);
    }
    return process;
  }

  private static void spawn(HostCommand command, Path log, CompletableFuture<HostProcess> spawned) {
    Pipe pipe = Pipe.open();
    try (Descriptor write = pipe.writeEnd();
        Descriptor nothing = Descriptor.open(NOTHING.toString(), OpenAccess.READ)) {
      List<Descriptor> descriptors = new ArrayList<>(List.of(nothing, write, write));
      descriptors.addAll(command.descriptors());
      List<String> argv = command.fullArgv();
      int pid =
          ChildCommand.of(argv)
              .withProgram(find(argv.getFirst()).toString())
              .withEnvironment(command.environment())
              .withDescriptors(descriptors.toArray(Descriptor[]::new))
              .start();
      OutputCopier output =
          OutputCopier.start(
              command.name() + "-output", pipe.readEnd().inputStream(), RING_BYTES, log);
      spawned.complete(new HostProcess(command, Pidfd.open(pid), output));
    } catch (RuntimeException e) {
      pipe.readEnd().close();
      spawned.completeExceptionally(e);
    }
  }

  private static Path find(String program) {
    for (Path directory : PROGRAM_DIRECTORIES) {
      Path candidate = directory.resolve(program);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    throw new LinuxException(Errno.ENOENT, "posix_spawn", program);
  }

  private static HostProcess await(CompletableFuture<HostProcess> spawned, HostCommand command) {
    try {
      return spawned.get(SPAWN_BOUND_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw unfit(command, String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      abandon(spawned);
      throw unfit(command, "the host did not fork in " + SPAWN_BOUND_SECONDS + " s", e);
    } catch (InterruptedException e) {
      abandon(spawned);
      Thread.currentThread().interrupt();
      throw new CasemateException(
          ErrorCode.CANCELLED, "start " + command.name(), "the caller gave up", "", e);
    }
  }

  /** A child that comes after its caller has gone must not stay. */
  private static void abandon(CompletableFuture<HostProcess> spawned) {
    var _ =
        spawned.whenComplete((process, failure) -> {
          if (process != null) {
            process.kill(Duration.ZERO);
          }
        });
  }

  private static CasemateException unfit(HostCommand command, String why, Throwable cause) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT,
        "start " + command.name(),
        why,
        "is util-linux (setpriv) installed, and may this host start more processes?",
        cause);
  }

  @Override
  public void close() {
    closed = true;
    // A child that has not come to asking for its parent-death signal yet would miss it.
    running.forEach(process -> process.kill(Duration.ZERO));
    spawner.interrupt();
  }
}
