package dev.casemate.host.monitor;

import dev.casemate.host.control.Message;
import dev.casemate.host.control.MessageStream;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The caller of {@code create}, listened to on a thread of its own: it names the stand-in, and it
 * commits or goes away.
 */
final class Caller {
  /** Spawning a shell and an answer; a crowded host may take its time. */
  private static final Duration STAND_IN_BOUND = Duration.ofMinutes(1);

  private final MessageStream stream;
  private final CompletableFuture<Integer> standIn = new CompletableFuture<>();
  private final CompletableFuture<Boolean> committed = new CompletableFuture<>();

  Caller(MessageStream stream) {
    this.stream = stream;
  }

  /** Begins to listen; the action runs when the caller goes away without having committed. */
  void listen(Runnable gone) {
    Thread.ofPlatform()
        .daemon()
        .name("caller")
        .start(() -> {
          read();
          standIn.completeExceptionally(goneAway());
          if (committed.complete(false)) {
            gone.run();
          }
        });
  }

  private void read() {
    try {
      for (Message message = stream.receive(); message != null; message = stream.receive()) {
        if (message.is(Message.STAND_IN)) {
          standIn.complete(message.content().require("pid").int32());
        } else if (message.is(Message.COMMIT)) {
          committed.complete(true);
        }
      }
    } catch (IOException | CasemateException broken) {
      // The same as going away.
    }
  }

  /** The stand-in's process id. */
  int standIn() {
    try {
      return standIn.get(STAND_IN_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException gone) {
      throw goneAway();
    } catch (TimeoutException late) {
      throw new CasemateException(
          ErrorCode.TIMED_OUT,
          "take over the caller's streams",
          "no stand-in was named within " + STAND_IN_BOUND.toSeconds() + " s",
          "is the host overloaded?",
          late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw goneAway();
    }
  }

  /** Waits until the caller knows of the container; throws CANCELLED when it went away instead. */
  void awaitCommit() {
    if (!committed.join()) {
      throw goneAway();
    }
  }

  /** Whether it went away without having committed. */
  boolean hasGone() {
    return committed.isDone() && !committed.join();
  }

  static CasemateException goneAway() {
    return new CasemateException(
        ErrorCode.CANCELLED, "make the container", "the caller went away", "try again");
  }
}
