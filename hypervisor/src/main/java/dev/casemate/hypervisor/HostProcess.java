package dev.casemate.hypervisor;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A spawned host process: heard while it runs, known by its status when it has ended. */
public final class HostProcess {
  private final HostCommand command;
  private final Process process;
  private final OutputCopier output;
  private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();

  HostProcess(HostCommand command, Process process, OutputCopier output) {
    this.command = command;
    this.process = process;
    this.output = output;
    Thread.ofVirtual().name(command.name() + "-exit").start(this::watch);
  }

  private void watch() {
    while (true) {
      try {
        exit.complete(ExitStatus.decode(process.waitFor()));
        return;
      } catch (InterruptedException e) {
        // Nobody interrupts this thread on purpose; the status must not be lost by accident.
      }
    }
  }

  /** What was spawned. */
  public HostCommand command() {
    return command;
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
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
    return process.isAlive();
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
    process.destroy();
  }

  /**
   * Sends SIGKILL to it and to what it has spawned, and waits for its end.
   *
   * @return its status, or empty when the kernel has not let go of it within the bound
   */
  public Optional<ExitStatus> kill(Duration bound) {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
    return awaitExit(bound);
  }
}
