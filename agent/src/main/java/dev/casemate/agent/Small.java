package dev.casemate.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads small text files, such as those of procfs and sysfs, without trusting their size. */
final class Small {
  private Small() {}

  /** At most {@code limit} bytes of the file, as UTF-8. */
  static String text(Path path, int limit) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return new String(in.readNBytes(limit), StandardCharsets.UTF_8);
    }
  }

  /** The same without surrounding white space; empty when the file cannot be read. */
  static String word(Path path) {
    try {
      return text(path, 4096).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
