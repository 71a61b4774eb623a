package dev.casemate.agent;

import dev.casemate.linux.Machine;
import dev.casemate.linux.MachineStatus;
import java.nio.file.Path;
import java.util.StringTokenizer;

/** The agent's and the guest's gauges in the text format of Prometheus. */
final class MetricsText {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path LOAD = Path.of("/proc/loadavg");

  private MetricsText() {}

  /** The text, one gauge a line with its type before it. */
  static String write(Containers containers) {
    StringBuilder out = new StringBuilder();
    long running = 0;
    for (GuestContainer container : containers.all()) {
      if (container.alive()) {
        running++;
      }
    }
    gauge(out, "casemate_agent_containers", containers.all().size());
    gauge(out, "casemate_agent_containers_running", running);
    for (String line : CgroupFiles.lines(Small.word(STATUS))) {
      if (line.startsWith("VmRSS:")) {
        gauge(out, "casemate_agent_resident_bytes", second(line) * 1024);
      } else if (line.startsWith("Threads:")) {
        gauge(out, "casemate_agent_threads", second(line));
      }
    }
    MachineStatus machine = Machine.status();
    gauge(out, "casemate_guest_uptime_seconds", machine.uptimeSeconds());
    gauge(out, "casemate_guest_memory_total_bytes", machine.totalBytes());
    gauge(out, "casemate_guest_memory_free_bytes", machine.freeBytes());
    gauge(out, "casemate_guest_tasks", machine.tasks());
    StringTokenizer load = new StringTokenizer(Small.word(LOAD));
    if (load.hasMoreTokens()) {
      line(out, "casemate_guest_load1", load.nextToken());
    }
    return out.toString();
  }

  private static long second(String line) {
    StringTokenizer words = new StringTokenizer(line);
    words.nextToken();
    return Long.parseLong(words.nextToken());
  }

  private static void gauge(StringBuilder out, String name, long value) {
    line(out, name, Long.toString(value));
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append("# TYPE ").append(name).append(" gauge\n");
    out.append(name).append(' ').append(value).append('\n');
  }
}
