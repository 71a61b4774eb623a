package dev.casemate.shim;

import dev.casemate.core.CallerProcess;
import dev.casemate.core.GuestAgent;
import dev.casemate.core.ProcessId;
import dev.casemate.host.caller.StandIn;
import java.util.concurrent.CompletableFuture;

/**
 * containerd's side of one process in the guest: its streams and its stand-in. Thread-safe.
 *
 * <p>The process's end is told at once, whatever its readers have yet to read: the rest still flows
 * until the process is deleted, as under containerd's own shim.
 */
final class TaskProcess implements CallerProcess {
  private final StandIn standIn;
  private final ProcessStreams streams;
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();

  TaskProcess(StandIn standIn, ProcessStreams streams) {
    this.standIn = standIn;
    this.streams = streams;
  }

  /** Completes with the exit code once {@link #finish} was told of it. */
  CompletableFuture<Integer> exit() {
    return exit;
  }

  ProcessStreams streams() {
    return streams;
  }

  StandIn standIn() {
    return standIn;
  }

  @Override
  public long pid() {
    return standIn.pid();
  }

  @Override
  public void connect(GuestAgent agent, ProcessId id) {
    streams.connect(agent, id);
  }

  @Override
  public void drain() {
    // See above.
  }

  @Override
  public void finish(int exitCode) {
    standIn.end(exitCode);
    exit.complete(exitCode);
  }

  @Override
  public CompletableFuture<Void> lost() {
    return standIn.lost();
  }
}
