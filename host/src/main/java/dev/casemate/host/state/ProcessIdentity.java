package dev.casemate.host.state;

import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process that cannot be mistaken for a later one with the same number.
 *
 * @param startTicks when it started, in clock ticks since boot (proc(5), stat, field 22)
 */
public record ProcessIdentity(long pid, long startTicks) {
  private static final int START_TIME_FIELD_AFTER_NAME = 19;

  /** The calling process. */
  public static ProcessIdentity self() {
    return of(ProcessHandle.current().pid());
  }

  /** The process that has that number now; start 0 when there is none. */
  public static ProcessIdentity of(long pid) {
    return new ProcessIdentity(pid, startTicks(pid));
  }

  /** Whether it still runs; a zombie does not. */
  public boolean isAlive() {
    return startTicks != 0 && startTicks(pid) == startTicks;
  }

  private static long startTicks(long pid) {
    String stat;
    try {
      stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    } catch (IOException gone) {
      return 0;
    }
    // The name stands in parentheses and may hold anything, parentheses and spaces too.
    String afterName = stat.substring(stat.lastIndexOf(')') + 2);
    if (afterName.startsWith("Z") || afterName.startsWith("X")) {
      return 0;
    }
    int at = 0;
    for (int field = 0; field < START_TIME_FIELD_AFTER_NAME; field++) {
      at = afterName.indexOf(' ', at) + 1;
    }
    return Long.parseLong(afterName.substring(at, afterName.indexOf(' ', at)));
  }

  /** Reads it back. */
  static ProcessIdentity parse(JsonCursor at) {
    return new ProcessIdentity(
        at.require("pid").integer(1, Integer.MAX_VALUE),
        at.require("startTicks").integer(0, Long.MAX_VALUE));
  }

  /** Writes it. */
  JsonObject toJson() {
    return JsonObject.builder().put("pid", pid).put("startTicks", startTicks).build();
  }
}
