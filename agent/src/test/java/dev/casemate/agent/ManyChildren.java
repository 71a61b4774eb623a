package dev.casemate.agent;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Descriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Starts many short-lived children at once and checks each one's exit code; then orphans, which are
 * adopted after their end. A program of its own, since the reaper would take the children of the
 * tests' JVM.
 */
final class ManyChildren {
  private static final int CHILDREN = 200;
  private static final int THREADS = 8;

  private ManyChildren() {}

  /** Takes nothing. */
  public static void main(String[] arguments) throws Exception {
    Children children = new Children(AgentLog.none());
    children.start();
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Integer>> codes = new ArrayList<>();
      for (int i = 0; i < CHILDREN; i++) {
        int code = i;
        Callable<Integer> run =
            () -> children.spawn(ChildCommand.of("/bin/sh", "-c", "exit " + code)).await();
        codes.add(pool.submit(run));
      }
      for (int i = 0; i < CHILDREN; i++) {
        check(codes.get(i).get() == i, "child " + i);
      }
    }
    orphans(children);
    // The exit code says the rest: an exception ends main with 1.
    System.exit(0);
  }

  private static void orphans(Children children) throws Exception {
    for (int i = 1; i <= 20; i++) {
      Children.Mark before = children.mark();
      try (ProcessStreams.Pipes pipes = ProcessStreams.pipes();
          ProcessStreams streams = pipes.streams()) {
        // The orphan waits for the end of its input, so that it outlives its parent.
        String script = "exec 3<&0; sh -c 'read x <&3; exit " + i + "' & echo $!";
        Child parent =
            children.spawn(
                ChildCommand.of("/bin/sh", "-c", script)
                    .withEnvironment(List.of("PATH=/bin:/usr/bin"))
                    .withDescriptors(pipes.farEnds().toArray(Descriptor[]::new)));
        int pid =
            Integer.parseInt(
                streams.output().read(64, new NeverCancelled()).toStringUtf8().strip());
        check(parent.await() == 0, "parent " + i);
        streams.input().end();
        if (i % 2 == 0) {
          awaitEnd(pid);
        }
        check(children.adopt(pid, before).await() == i, "orphan " + i);
      }
    }
    check(children.adopt(1, children.mark()).await() == 255, "a stranger");
  }

  private static void awaitEnd(int pid) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (Files.exists(Path.of("/proc/" + pid))) {
      check(System.nanoTime() < deadline, "process " + pid + " does not end");
      Thread.sleep(1);
    }
  }

  private static void check(boolean good, String what) {
    if (!good) {
      throw new IllegalStateException(what);
    }
  }
}
