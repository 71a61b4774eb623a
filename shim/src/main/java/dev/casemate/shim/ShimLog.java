package dev.casemate.shim;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.OpenFlag;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lines for containerd's own log: it reads the FIFO {@code log} in the bundle. Never waits for it:
 * what does not fit is dropped. Thread-safe.
 */
final class ShimLog {
  private final boolean debug;
  private final @Nullable Descriptor fifo;

  private ShimLog(boolean debug, @Nullable Descriptor fifo) {
    this.debug = debug;
    this.fifo = fifo;
  }

  /** The log of a bundle; a bundle without the FIFO has none. */
  static ShimLog of(Path bundle, boolean debug) {
    Path path = bundle.resolve("log");
    if (!Files.exists(path)) {
      return new ShimLog(debug, null);
    }
    try {
      // For both directions, so that neither opening nor writing waits for a reader.
      return new ShimLog(
          debug, Descriptor.open(path.toString(), OpenAccess.READ_WRITE, OpenFlag.NON_BLOCKING));
    } catch (LinuxException noLog) {
      return new ShimLog(debug, null);
    }
  }

  /** Something that somebody should look at. */
  void warn(@Nullable String what) {
    write("warning", what);
  }

  /** Something that explains what is going on, when the caller asked for it. */
  void debug(String what) {
    if (debug) {
      write("debug", what);
    }
  }

  private void write(String level, @Nullable String what) {
    if (fifo == null) {
      return;
    }
    String line =
        "time=\""
            + Instant.now().truncatedTo(ChronoUnit.MILLIS)
            + "\" level="
            + level
            + " msg=\""
            + escaped(String.valueOf(what))
            + "\" runtime=io.containerd.casemate.v2\n";
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    try {
      fifo.write(bytes, 0, bytes.length);
    } catch (LinuxException full) {
      // Nobody reads; then nobody misses it.
    }
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else {
        escaped.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
    return escaped.toString();
  }
}
