package dev.casemate.linux;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A platform thread for one piece of work, so that what it does to itself ends with it. */
public final class OwnThread<T> {
  /** Nothing here takes longer than moments; a loaded machine gets its time all the same. */
  public static final long BOUND_SECONDS = 120;

  private final FutureTask<T> task;
  private final Thread thread;

  private OwnThread(Callable<T> work) {
    task = new FutureTask<>(work);
    thread = Thread.ofPlatform().daemon().name("own-thread").start(task);
  }

  /** Starts the work. */
  public static <T> OwnThread<T> start(Callable<T> work) {
    return new OwnThread<>(work);
  }

  /** Does the work and waits for it. */
  public static <T> T call(Callable<T> work) throws Exception {
    return start(work).result();
  }

  /** Work without a result. */
  public interface Work {
    /** Does it. */
    void run() throws Exception;
  }

  /** Does the work and waits for it. */
  public static void run(Work work) throws Exception {
    Object ignored =
        call(() -> {
          work.run();
          return "";
        });
  }

  /** Waits for the result; what the work threw is thrown here. */
  public T result() throws Exception {
    try {
      T result = task.get(BOUND_SECONDS, TimeUnit.SECONDS);
      thread.join();
      return result;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e;
    } catch (TimeoutException e) {
      throw new AssertionError("the thread is still at " + at(), e);
    }
  }

  private String at() {
    return String.join(
        "\n  ",
        java.util.Arrays.stream(thread.getStackTrace()).map(StackTraceElement::toString).toList());
  }
}
