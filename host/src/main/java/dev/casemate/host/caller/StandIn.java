package dev.casemate.host.caller;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The host process that stands in for a process in the guest: it lives exactly as long, in the
 * container's host-side namespaces. Thread-safe.
 */
public interface StandIn {
  /** A shell that was told to exit does so at once; on a crowded host it may wait for its turn. */
  Duration EXIT_BOUND = Duration.ofSeconds(10);

  /** Its process id. */
  long pid();

  /** Completes when it is gone before {@link #end}: somebody killed it. */
  CompletableFuture<Void> lost();

  /** Ends it with the process's exit code, 0 to 255, and waits for its end; again does nothing. */
  void end(int exitCode);
}
