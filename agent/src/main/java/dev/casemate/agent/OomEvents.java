package dev.casemate.agent;

import dev.casemate.linux.FileWatch;
import dev.casemate.linux.LinuxException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Tells when the kernel killed a process of a container for want of memory: the counter {@code
 * oom_kill} of its cgroup grew. The kernel marks the file as changed, so one thread, started with
 * the first container, waits for all of them. Thread-safe.
 */
final class OomEvents {
  // Events that nobody fetches; beyond it new ones are dropped, since the old say the same.
  private static final int MAX_PENDING = 1024;
  private static final String FILE = "memory.events";
  private static final String COUNTER = "oom_kill";

  private final AgentLog log;
  private final BlockingQueue<String> pending = new ArrayBlockingQueue<>(MAX_PENDING);
  private final Map<Integer, Watched> byWatch = new HashMap<>();
  private @Nullable FileWatch watch;

  private static final class Watched {
    private final String id;
    private final CgroupFiles cgroup;
    private long seen;

    Watched(String id, CgroupFiles cgroup) {
      this.id = id;
      this.cgroup = cgroup;
    }
  }

  OomEvents(AgentLog log) {
    this.log = log;
  }

  /** Watches a container's cgroup; without a memory controller nothing happens. */
  synchronized void watch(String id, CgroupFiles cgroup) {
    if (cgroup.text(FILE).isEmpty()) {
      return;
    }
    try {
      FileWatch files = watch;
      if (files == null) {
        files = FileWatch.open();
        watch = files;
        FileWatch started = files;
        Thread.ofPlatform().name("oom").daemon().start(() -> run(started));
      }
      String path = cgroup.directory().resolve(FILE).toString();
      int number = files.watch(path, FileWatch.Event.MODIFIED);
      byWatch.put(number, new Watched(id, cgroup));
    } catch (LinuxException e) {
      log.warn("cannot watch for OOM", "container", id, "why", RequestError.reason(e));
    }
  }

  private void run(FileWatch files) {
    while (true) {
      for (FileWatch.Change change : files.await(null)) {
        synchronized (this) {
          Watched watched = byWatch.get(change.watch());
          if (watched != null) {
            look(watched);
          }
        }
      }
    }
  }

  /** Looks now: the end of a process may be told before the file's change is. */
  synchronized void look(String id) {
    for (Watched watched : byWatch.values()) {
      if (watched.id.equals(id)) {
        look(watched);
      }
    }
  }

  private void look(Watched watched) {
    long count = watched.cgroup.numbers(FILE).getOrDefault(COUNTER, 0L);
    if (count > watched.seen) {
      watched.seen = count;
      if (!pending.offer(watched.id)) {
        log.warn("dropped an OOM event", "container", watched.id);
      }
      log.info("out of memory", "container", watched.id);
    }
  }

  /** Ends the watch of a container. */
  synchronized void forget(String id) {
    FileWatch files = watch;
    if (files == null) {
      return;
    }
    for (Map.Entry<Integer, Watched> each : Map.copyOf(byWatch).entrySet()) {
      if (each.getValue().id.equals(id)) {
        byWatch.remove(each.getKey());
        try {
          files.unwatch(each.getKey());
        } catch (LinuxException e) {
          // EINVAL: the kernel ended it with the cgroup.
          log.debug("watch is gone", "container", id);
        }
      }
    }
  }

  /** Waits for the next event; the id of the container. */
  String take() throws InterruptedException {
    return pending.take();
  }
}
