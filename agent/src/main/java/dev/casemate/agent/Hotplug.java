package dev.casemate.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** Puts CPUs and memory to use that were plugged into the running guest. */
final class Hotplug {
  private static final Path CPUS = Path.of("/sys/devices/system/cpu");
  private static final Path MEMORY = Path.of("/sys/devices/system/memory");

  // The reference's agent.hotplug_timeout is 3 s; its host asks again, ours does not.
  private static final long PLUG_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long POLL_MILLIS = 10;

  private final AgentLog log;

  Hotplug(AgentLog log) {
    this.log = log;
  }

  /**
   * Puts all of it to use.
   *
   * @param cpus how many CPUs there are to be; 0 for those that are there
   * @param wait whether to wait until that many are in use
   * @param cpuOnly whether to leave memory alone
   * @throws dev.casemate.model.CasemateException TIMED_OUT when they have not come within 10 s
   */
  void online(int cpus, boolean wait, boolean cpuOnly) throws InterruptedException {
    long deadline = System.nanoTime() + PLUG_NANOS;
    int online = write(CPUS, "cpu", "online", "1");
    while (wait && online < cpus) {
      if (System.nanoTime() - deadline > 0) {
        throw RequestError.timedOut(
            "put CPUs to use", online + " of " + cpus + " have come within 10 s");
      }
      Thread.sleep(POLL_MILLIS);
      online = write(CPUS, "cpu", "online", "1");
    }
    if (!cpuOnly) {
      int ignored = write(MEMORY, "memory", "state", "online");
    }
  }

  /** Writes the value to each unit's file that does not hold it; how many hold it now. */
  private int write(Path directory, String prefix, String file, String value) {
    int count = 0;
    try (DirectoryStream<Path> units = Files.newDirectoryStream(directory, prefix + "[0-9]*")) {
      for (Path unit : units) {
        Path state = unit.resolve(file);
        // The first CPU has no such file: it is always on.
        if (!Files.exists(state) || Small.word(state).equals(value) || set(state, value)) {
          count++;
        }
      }
    } catch (IOException e) {
      log.debug("nothing to plug", "where", directory.toString());
    }
    return count;
  }

  private boolean set(Path file, String value) {
    try {
      Files.write(file, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
      return true;
    } catch (IOException e) {
      log.warn("not put to use", "what", file.toString(), "why", RequestError.reason(e));
      return false;
    }
  }
}
