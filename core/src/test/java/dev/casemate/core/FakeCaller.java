package dev.casemate.core;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A caller that takes everything at once, unless it is told to hold or to fail. */
final class FakeCaller implements CallerProcess {
  private final Journal journal;
  private final long pid;
  private final CompletableFuture<Integer> finished = new CompletableFuture<>();
  private final CompletableFuture<Void> lost = new CompletableFuture<>();
  private Optional<Gate> drain = Optional.empty();
  private Optional<RuntimeException> connectFailure = Optional.empty();
  private Optional<RuntimeException> drainFailure = Optional.empty();
  private Optional<RuntimeException> finishFailure = Optional.empty();

  FakeCaller(Journal journal, long pid) {
    this.journal = journal;
    this.pid = pid;
  }

  /** Takes the output only when the gate is opened. */
  Gate holdOutput() {
    Gate gate = new Gate();
    drain = Optional.of(gate);
    return gate;
  }

  void failToConnect(RuntimeException failure) {
    connectFailure = Optional.of(failure);
  }

  /** Connects from now on. */
  void recover() {
    connectFailure = Optional.empty();
  }

  void failToDrain(RuntimeException failure) {
    drainFailure = Optional.of(failure);
  }

  void failToFinish(RuntimeException failure) {
    finishFailure = Optional.of(failure);
  }

  /** Somebody kills the stand-in. */
  void lose() {
    lost.complete(null);
  }

  /** The exit code that the stand-in ended with. */
  CompletableFuture<Integer> finished() {
    return finished;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public void connect(GuestAgent agent, ProcessId id) {
    journal.note("caller connect " + id);
    if (connectFailure.isPresent()) {
      throw connectFailure.get();
    }
  }

  @Override
  public void drain() {
    journal.note("caller drain");
    drain.ifPresent(Gate::pass);
    if (drainFailure.isPresent()) {
      throw drainFailure.get();
    }
  }

  @Override
  public void finish(int exitCode) {
    journal.note("caller finish " + exitCode);
    if (finishFailure.isPresent()) {
      throw finishFailure.get();
    }
    finished.complete(exitCode);
  }

  @Override
  public CompletableFuture<Void> lost() {
    return lost;
  }
}
