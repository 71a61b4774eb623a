package dev.casemate.core;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Holds whoever passes until the test opens it, so that a test can act in between. */
final class Gate {
  /** Reached only when something is broken. */
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final CompletableFuture<Void> reached = new CompletableFuture<>();
  private final CompletableFuture<Void> open = new CompletableFuture<>();

  /** Called by the one who is held. */
  void pass() {
    reached.complete(null);
    await(open, "the test opens the gate");
  }

  /** Waits until somebody is held. */
  void awaitHeld() {
    await(reached, "somebody comes to the gate");
  }

  void open() {
    open.complete(null);
  }

  /** The value of a future that a test expects to be completed. */
  static <T> T await(CompletableFuture<T> future, String what) {
    try {
      return future.copy().orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException failure) {
      return fail("Waited in vain until " + what, failure);
    }
  }
}
