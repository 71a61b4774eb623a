package dev.casemate.host.storage;

import dev.casemate.linux.Mounts;
import dev.casemate.linux.Namespace;
import dev.casemate.linux.Propagation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Runs test code on a thread in a mount namespace of its own, which takes all its mounts along. */
final class PrivateMounts {
  private PrivateMounts() {}

  /** Code that may throw anything. */
  interface Code {
    /** Runs it. */
    void run() throws Exception;
  }

  /** Runs the code to its end; what it throws is thrown. */
  static void run(Code code) throws Exception {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .name("private-mounts")
            .start(() -> {
              try {
                Namespace.unshare(Namespace.MOUNT);
                Mounts.setPropagation("/", Propagation.SLAVE, true);
                code.run();
                end.complete(null);
              } catch (Throwable failure) {
                end.completeExceptionally(failure);
              }
            });
    thread.join();
    try {
      end.get();
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) failure.getCause();
    }
  }
}
