package dev.casemate.agent;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Poll;
import dev.casemate.linux.Wakeup;
import dev.casemate.protocol.Call;
import java.time.Duration;
import java.util.List;

/** Waits for a descriptor until the request that wants it is cancelled. */
final class CancellableWait {
  private CancellableWait() {}

  /**
   * Waits, for as long as it takes: a process may write or read never.
   *
   * @throws InterruptedException when the request is cancelled; nothing was read or written then
   */
  static void await(Poll.Interest interest, Call call) throws InterruptedException {
    if (Poll.await(List.of(interest), Duration.ZERO).getFirst().any()) {
      return;
    }
    try (Wakeup cancelled = new Wakeup()) {
      call.onCancel(() -> signal(cancelled));
      Poll.await(
          List.of(interest, Poll.Interest.readable(cancelled.descriptor())), /* timeout= */ null);
      if (call.cancelled()) {
        throw new InterruptedException("the request was cancelled");
      }
    }
  }

  private static void signal(Wakeup cancelled) {
    try {
      cancelled.signal();
    } catch (LinuxException e) {
      // EBADF: the wait has ended at this moment.
    }
  }
}
