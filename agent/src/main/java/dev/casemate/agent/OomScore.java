package dev.casemate.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** How soon a process is killed when memory is short: {@code /proc/PID/oom_score_adj}. */
final class OomScore {
  private OomScore() {}

  /** Sets it, -1000 to 1000; a process that has ended needs none. */
  static void set(int pid, int adjustment) {
    byte[] text = Integer.toString(adjustment).getBytes(StandardCharsets.US_ASCII);
    try {
      Files.write(Path.of("/proc/" + pid + "/oom_score_adj"), text);
    } catch (IOException e) {
      // It is gone.
    }
  }
}
