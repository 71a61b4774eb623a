package dev.casemate.agent;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.ChildExit;
import dev.casemate.linux.Processes;
import dev.casemate.linux.Signal;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringTokenizer;

/**
 * Every child process of the agent: those that it starts, and those that the kernel hands to it
 * when their parent ends, such as a container's first process once the runtime has made it. One
 * thread reaps them all, so that no exit code can go to the wrong waiter, and an exit code that
 * comes before anybody asked is kept. Thread-safe.
 */
final class Children {
  // Enough for every process that can end between a runtime's exit and the reading of its pid file;
  // the oldest goes first.
  private static final int MAX_UNCLAIMED = 4096;

  /** The exit code of a process that somebody else reaped. */
  private static final int LOST = 255;

  private final Object lock = new Object();
  private final Map<Integer, Child> living = new HashMap<>();
  private final LinkedHashMap<Integer, Unclaimed> unclaimed = new LinkedHashMap<>();
  private final AgentLog log;
  private long ends;
  private long begins;

  private record Unclaimed(ChildExit exit, long sequence) {}

  /** A point in the sequence of ends. */
  record Mark(long sequence) {}

  /** Call {@link #start()} before anything else. */
  Children(AgentLog log) {
    this.log = log;
  }

  /**
   * Starts the reaping thread and makes this process inherit orphans, which PID 1 does anyhow.
   * There can be one such thread in a process.
   */
  void start() {
    Processes.setChildSubreaper(true);
    Thread.ofPlatform().name("reaper").daemon().start(this::reapAll);
  }

  private void reapAll() {
    while (true) {
      long begun;
      synchronized (lock) {
        begun = begins;
      }
      Optional<Integer> ended = Processes.awaitAnyEnded();
      synchronized (lock) {
        if (ended.isPresent()) {
          reap(ended.get());
        } else {
          giveUpLost();
          if (!awaitChild(begun)) {
            return;
          }
        }
      }
    }
  }

  /** Ends those that are no children of ours after all, so that nobody waits for them for ever. */
  private void giveUpLost() {
    for (Child child : List.copyOf(living.values())) {
      settle(child);
    }
  }

  /** Ends the child if its process has ended, or is none of ours. */
  private void settle(Child child) {
    Optional<ChildExit> exit = Processes.tryReap(child.pid());
    if (exit.isPresent()) {
      claim(child, exit.get().status());
    } else if (!isOurs(child.pid())) {
      log.error("lost", "pid", Integer.toString(child.pid()));
      claim(child, LOST);
    }
  }

  /**
   * Whether the process is a child of this one: the second field behind its name in {@code stat}.
   */
  private static boolean isOurs(int pid) {
    String stat = Small.word(Path.of("/proc/" + pid + "/stat"));
    int close = stat.lastIndexOf(')');
    StringTokenizer words = new StringTokenizer(stat.substring(close + 1));
    return words.countTokens() > 2
        && !words.nextToken().isEmpty()
        && words.nextToken().equals(Integer.toString(Processes.self()));
  }

  private void claim(Child child, int status) {
    ends++;
    living.remove(child.pid());
    child.end(status);
  }

  /**
   * Waits until there is a child again; false when the thread is to end.
   *
   * @param begun how many children there had been before it was found that there is none
   */
  private boolean awaitChild(long begun) {
    try {
      // Nobody but a child of ours can leave us an orphan. One that began since may have ended,
      // been
      // given up for lost and left an orphan, all before this thread had the lock.
      while (living.isEmpty() && begins == begun) {
        lock.wait();
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void reap(int pid) {
    Optional<ChildExit> found = Processes.tryReap(pid);
    if (found.isEmpty()) {
      // adopt() was faster.
      return;
    }
    ChildExit exit = found.get();
    ends++;
    Child child = living.remove(pid);
    if (child != null) {
      child.end(exit.status());
      return;
    }
    unclaimed.put(pid, new Unclaimed(exit, ends));
    if (unclaimed.size() > MAX_UNCLAIMED) {
      unclaimed.pollFirstEntry();
    }
    log.debug("reaped", "pid", Integer.toString(pid), "status", Integer.toString(exit.status()));
  }

  /** Starts a program. */
  Child spawn(ChildCommand command) {
    synchronized (lock) {
      int pid = command.start();
      Child child = new Child(pid);
      living.put(pid, child);
      begins++;
      lock.notifyAll();
      return child;
    }
  }

  /** The present, for a later {@link #adopt}. */
  Mark mark() {
    synchronized (lock) {
      return new Mark(ends);
    }
  }

  /**
   * Takes a process that a child of ours made and left behind.
   *
   * @param since taken before that child was started: an end before it belongs to another process
   *     that had the same number
   */
  Child adopt(int pid, Mark since) {
    synchronized (lock) {
      Unclaimed early = unclaimed.remove(pid);
      if (early != null && early.sequence() > since.sequence()) {
        Child child = new Child(pid);
        child.end(early.exit().status());
        return child;
      }
      Child child = living.computeIfAbsent(pid, Child::new);
      begins++;
      lock.notifyAll();
      settle(child);
      return child;
    }
  }

  /**
   * Sends a signal unless the process has ended.
   *
   * @return false when it has
   */
  boolean signal(Child child, int signal) {
    // Under the lock the number cannot be reused: it is reaped under the lock only.
    synchronized (lock) {
      if (child.ended()) {
        return false;
      }
      Processes.kill(child.pid(), signal);
      return true;
    }
  }

  /** Kills the process, which then ends soon. */
  void kill(Child child) {
    signal(child, Signal.KILL.number());
  }
}
