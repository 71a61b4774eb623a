package dev.casemate.agent;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether the guest is set up. The channel is served before: whoever only asks whether the agent is
 * there need not wait for cgroups and mounts. Thread-safe.
 */
final class Readiness {
  // What is waited for takes milliseconds; a guest in which it takes longer is broken.
  private static final long BOUND_SECONDS = 60;

  private final CountDownLatch ready = new CountDownLatch(1);
  private volatile String failure = "";

  /** All is set up. */
  void done() {
    ready.countDown();
  }

  /** It cannot be set up. */
  void failed(String why) {
    failure = why;
    ready.countDown();
  }

  /** Waits for it, which a request that needs mounts or cgroups does. */
  void await() throws InterruptedException {
    String tried = "set the guest up";
    if (!ready.await(BOUND_SECONDS, TimeUnit.SECONDS)) {
      throw RequestError.timedOut(tried, "it takes more than a minute");
    }
    if (!failure.isEmpty()) {
      throw RequestError.failed(tried, new IllegalStateException(failure));
    }
  }
}
