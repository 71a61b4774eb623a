package dev.casemate.hypervisor;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
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

  private final LinkedBlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
  private final Thread spawner;
  private final Set<Process> running = ConcurrentHashMap.newKeySet();
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
    CompletableFuture<Process> forked = new CompletableFuture<>();
    requests.add(() -> fork(command, forked));
    Process process = await(forked, command);
    running.removeIf(earlier -> !earlier.isAlive());
    running.add(process);
    if (closed) {
      process.destroyForcibly();
    }
    OutputCopier output =
        OutputCopier.start(command.name() + "-output", process.getInputStream(), RING_BYTES, log);
    return new HostProcess(command, process, output);
  }

  private static void fork(HostCommand command, CompletableFuture<Process> forked) {
    ProcessBuilder builder =
        new ProcessBuilder(command.fullArgv())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(command.environment());
    try {
      forked.complete(builder.start());
    } catch (IOException | RuntimeException e) {
      forked.completeExceptionally(e);
    }
  }

  private static Process await(CompletableFuture<Process> forked, HostCommand command) {
    try {
      return forked.get(SPAWN_BOUND_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw unfit(command, String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      abandon(forked);
      throw unfit(command, "the host did not fork in " + SPAWN_BOUND_SECONDS + " s", e);
    } catch (InterruptedException e) {
      abandon(forked);
      Thread.currentThread().interrupt();
      throw new CasemateException(
          ErrorCode.CANCELLED, "start " + command.name(), "the caller gave up", "", e);
    }
  }

  /** A child that comes after its caller has gone must not stay. */
  private static void abandon(CompletableFuture<Process> forked) {
    var _ =
        forked.whenComplete((process, failure) -> {
          if (process != null) {
            process.destroyForcibly();
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
    running.forEach(Process::destroyForcibly);
    spawner.interrupt();
  }
}
