package dev.casemate.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One child process and how it ended. Thread-safe. */
final class Child {
  private final int pid;
  private final List<Runnable> listeners = new ArrayList<>();
  private boolean ended;
  private int status;

  /** A process that runs. */
  Child(int pid) {
    this.pid = pid;
  }

  /** Its number in the agent's pid namespace. */
  int pid() {
    return pid;
  }

  /** Records the end; called once, by the reaper. */
  void end(int exitStatus) {
    List<Runnable> told;
    synchronized (this) {
      ended = true;
      status = exitStatus;
      told = List.copyOf(listeners);
      listeners.clear();
      notifyAll();
    }
    for (Runnable listener : told) {
      listener.run();
    }
  }

  /** Whether it has ended. */
  synchronized boolean ended() {
    return ended;
  }

  /** Runs an action when it ends, at once if it has; the action must not block. */
  void onEnd(Runnable action) {
    synchronized (this) {
      if (!ended) {
        listeners.add(action);
        return;
      }
    }
    action.run();
  }

  /** Waits for the end; the exit code, or 128 and the number of the signal that ended it. */
  synchronized int await() throws InterruptedException {
    while (!ended) {
      wait();
    }
    return status;
  }

  /** Waits at most so long; false when it has not ended. */
  synchronized boolean await(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    while (!ended) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      // Rounded up, since wait(0) has no end.
      wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
    }
    return true;
  }

  /** How it ended; only after the end. */
  synchronized int status() {
    if (!ended) {
      throw new IllegalStateException("process " + pid + " has not ended");
    }
    return status;
  }
}
