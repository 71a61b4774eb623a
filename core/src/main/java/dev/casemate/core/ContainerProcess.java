package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One process in the guest together with its caller's side. Thread-safe. Its end is waited for on
 * one thread, which nothing may make fail: whoever waits for the process would wait for ever.
 */
final class ContainerProcess {
  private static final int SIGKILL = 9;

  private final ProcessId id;
  private final GuestAgent agent;
  private final CallerProcess caller;
  private final Function<CasemateException, String> reasonOfSilence;
  private final Consumer<String> warnings;
  private final CompletableFuture<Void> finished = new CompletableFuture<>();

  /**
   * A process that may have yet to be started.
   *
   * @param reasonOfSilence tells why the agent fell silent
   * @param warnings is told of failures that undo nothing
   */
  ContainerProcess(
      ProcessId id,
      GuestAgent agent,
      CallerProcess caller,
      Function<CasemateException, String> reasonOfSilence,
      Consumer<String> warnings) {
    this.id = id;
    this.agent = agent;
    this.caller = caller;
    this.reasonOfSilence = reasonOfSilence;
    this.warnings = warnings;
  }

  ProcessId id() {
    return id;
  }

  /** The stand-in's process id. */
  long pid() {
    return caller.pid();
  }

  /** Carries the streams from now on, and kills the process when its stand-in is lost. */
  void connect() {
    caller.connect(agent, id);
    var _ =
        caller
            .lost()
            .thenRunAsync(this::kill, task -> Thread.ofVirtual().name("lost-" + id).start(task));
  }

  /** Kills it, if that can be done. */
  void kill() {
    try {
      agent.signal(id, SIGKILL);
    } catch (CasemateException alreadyGone) {
      warnings.accept("kill " + id + ": " + alreadyGone.why());
    }
  }

  /** Waits until it has ended and everything that it wrote has reached the caller. */
  ExitStatus awaitEnd() {
    ExitStatus status = awaitAgent();
    try {
      caller.drain();
    } catch (RuntimeException broken) {
      warnings.accept("take the output of " + id + ": " + broken.getMessage());
    }
    return status;
  }

  private ExitStatus awaitAgent() {
    try {
      return new ExitStatus(agent.waitFor(id), Instant.now(), Optional.empty());
    } catch (CasemateException failure) {
      return lost(
          failure.code() == ErrorCode.AGENT_SILENT
              ? reasonOfSilence.apply(failure)
              : failure.why());
    } catch (RuntimeException defect) {
      return lost(defect.toString());
    }
  }

  private static ExitStatus lost(String reason) {
    return new ExitStatus(ExitStatus.MACHINE_DIED, Instant.now(), Optional.of(reason));
  }

  /** Ends the stand-in with the process's exit code. */
  void finish(int exitCode) {
    try {
      caller.finish(exitCode);
    } catch (RuntimeException broken) {
      warnings.accept("end the stand-in of " + id + ": " + broken.getMessage());
    } finally {
      finished.complete(null);
    }
  }

  /** Completes when its stand-in was ended, never exceptionally. */
  CompletableFuture<Void> finished() {
    return finished.copy();
  }
}
