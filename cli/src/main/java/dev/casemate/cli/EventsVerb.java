package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.core.ContainerState;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.oci.ContainerStatus;
import java.time.Duration;

/** {@code events}: statistics once, or again and again until the container ends. */
final class EventsVerb implements Action {
  private static final long DEFAULT_INTERVAL_MILLIS = 5000;

  /** How soon the end of the container is noticed when the interval is longer. */
  private static final long LOOK_MILLIS = 500;

  /** The last notice comes with the container's end; a crowded host may take its time. */
  private static final Duration LAST_NOTICE_BOUND = Duration.ofSeconds(10);

  @Override
  public int run(Invocation invocation) {
    ContainerId id = invocation.container();
    Containers host = invocation.host();
    if (host.find(id).status() == ContainerStatus.STOPPED) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "read the statistics of " + id,
          "container not running",
          ContainerState.Stopped.ADVICE);
    }
    if (invocation.line().has(Flags.STATS)) {
      print(invocation, id, host.stats(id));
      return 0;
    }
    long interval = invocation.line().millis(Flags.INTERVAL, DEFAULT_INTERVAL_MILLIS);
    if (interval == 0) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "print events of " + id,
          "duration interval must be greater than 0",
          "give --interval a time such as 5s");
    }
    Thread notices =
        Thread.ofPlatform().daemon().name("notices").start(() -> printNotices(invocation, id));
    printStatistics(invocation, id, interval);
    try {
      notices.join(LAST_NOTICE_BOUND);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private static void printStatistics(Invocation invocation, ContainerId id, long interval) {
    Containers host = invocation.host();
    while (lives(host, id)) {
      try {
        print(invocation, id, host.stats(id));
      } catch (CasemateException failure) {
        if (lives(host, id)) {
          throw failure;
        }
        return;
      }
      await(host, id, interval);
    }
  }

  /** A line for each time that the container lacked memory, in runc's shape, until its end. */
  private static void printNotices(Invocation invocation, ContainerId id) {
    String line = JsonObject.builder().put("type", "oom").put("id", id.value()).build().toJson();
    try {
      long known = 0;
      do {
        long count = invocation.host().awaitOutOfMemory(id, known);
        for (; known < count; known++) {
          invocation.output().printLine(line);
        }
      } while (lives(invocation.host(), id));
    } catch (CasemateException ended) {
      // The container is gone, or nobody reads: the statistics tell which.
    }
  }

  private static void print(Invocation invocation, ContainerId id, JsonObject stats) {
    invocation.output().printLine(StatsEvent.json(id, stats).toJson());
  }

  private static void await(Containers host, ContainerId id, long millis) {
    long left = millis;
    while (left > 0) {
      long step = Math.min(left, LOOK_MILLIS);
      try {
        Thread.sleep(step);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
      left -= step;
      if (left > 0 && !lives(host, id)) {
        return;
      }
    }
  }

  private static boolean lives(Containers host, ContainerId id) {
    try {
      return host.find(id).status() != ContainerStatus.STOPPED;
    } catch (CasemateException failure) {
      if (failure.code() == ErrorCode.NOT_FOUND) {
        return false;
      }
      throw failure;
    }
  }
}
