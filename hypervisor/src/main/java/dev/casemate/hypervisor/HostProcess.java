package dev.casemate.hypervisor;

import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Pidfd;
import dev.casemate.linux.Processes;
import dev.casemate.linux.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A spawned host process: heard while it runs, known by its status when it has ended. A platform
 * thread of its own waits for that and reaps it.
 */
public final class HostProcess {
  private final HostCommand command;
  private final Pidfd handle;
  private final OutputCopier output;
  private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();

  HostProcess(HostCommand command, Pidfd handle, OutputCopier output) {
    this.command = command;
    this.handle = handle;
    this.output = output;
    Thread.ofPlatform().daemon().name(command.name() + "-exit").start(this::reap);
  }

  private void reap() {
    exit.complete(ExitStatus.of(Processes.reap(handle.pid())));
    handle.close();
  }

  /** What was spawned. */
  public HostCommand command() {
    return command;
  }

  /** Its process id. */
  public long pid() {
    return handle.pid();
  }

  /** The last of what it printed on standard output and error, at most 64 KiB. */
  public OutputRing output() {
    return output.ring();
  }

  /** Waits until all that it printed is in {@link #output()}; whether that happened in time. */
  public boolean awaitOutputEnd(Duration bound) {
    return output.awaitEnd(bound.toMillis());
  }

  /** Whether it still runs. */
  public boolean isAlive() {
    return !exit.isDone();
  }

  /** Completes with its status when it has ended, never exceptionally. */
  public CompletableFuture<ExitStatus> exit() {
    return exit.copy();
  }

  /** Waits for its end, at most that long; empty when it still runs then. */
  public Optional<ExitStatus> awaitExit(Duration bound) {
    try {
      return Optional.of(exit.get(bound.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (TimeoutException | ExecutionException e) {
      return Optional.empty();
    }
  }

  /** Sends SIGTERM. */
  public void terminate() {
    send(Signal.TERM);
  }

  /**
   * Sends SIGKILL to it and to what it has spawned, and waits for its end.
   *
   * @return its status, or empty when the kernel has not let go of it within the bound
   */
  public Optional<ExitStatus> kill(Duration bound) {
    List<ProcessHandle> descendants =
        ProcessHandle.of(pid()).map(p -> p.descendants().toList()).orElse(List.of());
    send(Signal.KILL);
    descendants.forEach(ProcessHandle::destroyForcibly);
    return awaitExit(bound);
  }

  private void send(Signal signal) {
    try {
      handle.sendSignal(signal.number());
    } catch (LinuxException e) {
      // It was reaped, and the handle closed or about to be.
      if (e.errno() != Errno.ESRCH && e.errno() != Errno.EBADF) {
        throw e;
      }
    }
  }
}
