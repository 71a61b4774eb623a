package dev.casemate.host.monitor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What went wrong without undoing anything, beside the container's record. Thread-safe. */
final class MonitorLog {
  /** Enough for what matters; a loop of failures must not fill a tmpfs. */
  private static final int MOST_BYTES = 64 * 1024;

  private @Nullable Path file;
  private int written;

  /** Writes to a directory from now on. */
  synchronized void keepIn(Path directory) {
    file = directory.resolve("monitor.log");
  }

  /** Notes a line. */
  synchronized void warn(@Nullable String what) {
    byte[] line = (Instant.now() + " " + what + "\n").getBytes(StandardCharsets.UTF_8);
    if (file == null || written + line.length > MOST_BYTES) {
      return;
    }
    written += line.length;
    try {
      Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException containerRemoved) {
      file = null;
    }
  }
}
