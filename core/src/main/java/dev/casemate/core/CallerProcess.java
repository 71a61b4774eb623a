package dev.casemate.core;

import java.util.concurrent.CompletableFuture;

/**
 * The caller's side of one process in the guest: its standard streams and the host process that
 * stands in for it. Thread-safe.
 */
public interface CallerProcess {
  /** The stand-in's process id. */
  long pid();

  /** Starts to carry the streams between caller and guest; returns at once. */
  void connect(GuestAgent agent, ProcessId id);

  /**
   * Waits until everything that the process wrote has reached the caller, or until the caller has
   * taken nothing for a bound of the implementation's.
   */
  void drain();

  /** Ends the stand-in with the process's exit code, and lets go of the streams. */
  void finish(int exitCode);

  /** Completes when the stand-in is gone before {@link #finish}: somebody killed it. */
  CompletableFuture<Void> lost();
}
