package dev.casemate.agent;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Poll;
import dev.casemate.linux.Wakeup;
import dev.casemate.protocol.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Waits for a descriptor until the request that wants it is cancelled. */
final class CancellableWait {
  private CancellableWait() {}

  /**
   * Waits, for as long as it takes: a process may write or read never.
   *
   * @throws InterruptedException when the request is cancelled; nothing was read or written then
   */
  static void await(Poll.Interest interest, Call call) throws InterruptedException {
    await(interest, null, call);
  }

  /**
   * The same, until somebody gives up what is waited for.
   *
   * @param givenUp signalled when that is so; null when nobody ever does
   */
  static void await(Poll.Interest interest, @Nullable Wakeup givenUp, Call call)
      throws InterruptedException {
    if (Poll.await(List.of(interest), Duration.ZERO).getFirst().any()) {
      return;
    }
    try (Wakeup cancelled = new Wakeup()) {
      call.onCancel(() -> signal(cancelled));
      List<Poll.Interest> interests = new ArrayList<>();
      interests.add(interest);
      interests.add(Poll.Interest.readable(cancelled.descriptor()));
      if (givenUp != null) {
        interests.add(Poll.Interest.readable(givenUp.descriptor()));
      }
      Poll.await(interests, /* timeout= */ null);
      if (call.cancelled()) {
        throw new InterruptedException("the request was cancelled");
      }
    }
  }

  /** Wakes who waits, if anybody still does. */
  static void signal(Wakeup wakeup) {
    try {
      wakeup.signal();
    } catch (LinuxException e) {
      // EBADF: the wait has ended at this moment.
    }
  }
}
