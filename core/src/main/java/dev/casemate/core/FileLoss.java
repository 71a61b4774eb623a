package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends a machine whose files nobody serves any more: its guest would wait for the next one for
 * ever, unseen. Watches on a thread of its own. Thread-safe.
 */
final class FileLoss {
  /**
   * A dying machine takes the file daemon along, and which of both is known first is chance. Long
   * against that, short against the two seconds within which a sandbox's death must be known.
   */
  private static final Duration MACHINE_FIRST_BOUND = Duration.ofSeconds(1);

  private final VirtualMachine machine;
  private volatile Optional<String> reason = Optional.empty();
  private volatile boolean stopping;

  private FileLoss(VirtualMachine machine) {
    this.machine = machine;
  }

  /** Begins to watch. */
  static FileLoss watch(ContainerStorage storage, VirtualMachine machine) {
    FileLoss loss = new FileLoss(machine);
    var _ =
        storage
            .ended()
            .thenAcceptAsync(loss::end, task -> Thread.ofVirtual().name("file-loss").start(task));
    return loss;
  }

  /** Ends the machine, unless it ends by itself or on purpose. */
  void end(FileServiceEnd cause) {
    if (stopping || machineEnds()) {
      return;
    }
    reason = Optional.of(cause.why());
    machine.stop(Duration.ZERO);
  }

  private boolean machineEnds() {
    try {
      machine.exit().get(MACHINE_FIRST_BOUND.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException stillRuns) {
      return stopping;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("a machine's exit never fails", impossible);
    }
  }

  /** From now on the machine is stopped on purpose, and files are no longer missed. */
  void stopWatching() {
    stopping = true;
  }

  /** Why the machine was ended; empty unless it lost its files. */
  Optional<String> reason() {
    return reason;
  }

  /** What a failure is when the files were lost: their loss. */
  Optional<CasemateException> explain(CasemateException failure) {
    return reason.map(why -> lost(failure, why));
  }

  /** The same for a machine that did not come to life, since it had no files to begin with. */
  static CasemateException explainLaunch(ContainerStorage storage, CasemateException failure) {
    FileServiceEnd end = storage.ended().getNow(new FileServiceEnd(true, "it serves"));
    return failure.code() == ErrorCode.VMM_DIED && !end.orderly()
        ? lost(failure, end.why())
        : failure;
  }

  private static CasemateException lost(CasemateException failure, String why) {
    return new CasemateException(
        ErrorCode.HELPER_DIED,
        failure.tried(),
        why,
        "the host's log may tell who killed it",
        failure);
  }
}
