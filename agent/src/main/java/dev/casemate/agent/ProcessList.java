package dev.casemate.agent;

import dev.casemate.protocol.agent.GuestProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * The processes in a container, from {@code /proc/PID/stat}, {@code status} and {@code cmdline}.
 * All of it is what the processes say of themselves: bounded, and never interpreted.
 */
final class ProcessList {
  private static final int MAX_ARGUMENTS = 4096;
  private static final int MAX_PROCESSES = 32768;

  /** {@code USER_HZ}, the same on all architectures that we know. */
  private static final int MILLIS_PER_TICK = 10;

  // Fields of /proc/PID/stat behind the name, from state on: proc(5) counts them from 3.
  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int USER_TIME = 11;
  private static final int SYSTEM_TIME = 12;
  private static final int START = 19;
  private static final int RESIDENT = 21;
  private static final int PAGE_BYTES = 4096;

  private ProcessList() {}

  /** What runs in the container now, by ascending number. */
  static List<GuestProcess> of(GuestContainer container) {
    List<Integer> pids = container.cgroup().processes();
    Collections.sort(pids);
    List<GuestProcess> out = new ArrayList<>();
    for (int pid : pids) {
      GuestProcess process = one(pid, container);
      if (process != null && out.size() < MAX_PROCESSES) {
        out.add(process);
      }
    }
    return out;
  }

  private static @Nullable GuestProcess one(int pid, GuestContainer container) {
    Path directory = Path.of("/proc/" + pid);
    String stat = Small.word(directory.resolve("stat"));
    int open = stat.indexOf('(');
    int close = stat.lastIndexOf(')');
    if (open < 0 || close < open) {
      return null;
    }
    StringTokenizer words = new StringTokenizer(stat.substring(close + 1));
    List<String> fields = new ArrayList<>();
    while (words.hasMoreTokens()) {
      fields.add(words.nextToken());
    }
    if (fields.size() <= RESIDENT) {
      return null;
    }
    return GuestProcess.newBuilder()
        .setPid(pid)
        .setParentPid((int) number(fields.get(PARENT)))
        .setUid((int) user(directory))
        .setState(fields.get(STATE))
        .setExecId(execId(pid, container))
        .setCommand(stat.substring(open + 1, close))
        .addAllArguments(arguments(directory))
        .setCpuMillis(
            (number(fields.get(USER_TIME)) + number(fields.get(SYSTEM_TIME))) * MILLIS_PER_TICK)
        .setResidentBytes(number(fields.get(RESIDENT)) * PAGE_BYTES)
        .setStartMillis(number(fields.get(START)) * MILLIS_PER_TICK)
        .build();
  }

  private static String execId(int pid, GuestContainer container) {
    for (ContainerProcess process : container.processes()) {
      if (process.child().pid() == pid && !process.child().ended()) {
        return process.execId();
      }
    }
    return "";
  }

  private static long user(Path directory) {
    for (String line : CgroupFiles.lines(Small.word(directory.resolve("status")))) {
      if (line.startsWith("Uid:")) {
        StringTokenizer words = new StringTokenizer(line.substring("Uid:".length()));
        return words.hasMoreTokens() ? number(words.nextToken()) : 0;
      }
    }
    return 0;
  }

  private static List<String> arguments(Path directory) {
    String text;
    try {
      text = Small.text(directory.resolve("cmdline"), MAX_ARGUMENTS);
    } catch (IOException e) {
      return List.of();
    }
    List<String> out = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || text.charAt(i) == '\0') {
        if (i < text.length() || i > start) {
          out.add(text.substring(start, i));
        }
        start = i + 1;
      }
    }
    return out;
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
