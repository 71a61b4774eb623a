package dev.casemate.shim;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The version of this program, as the build wrote it into the jar. */
final class Version {
  private Version() {}

  /** The version alone. */
  static String number() {
    return built()[0];
  }

  /** The commit that it was built from. */
  static String commit() {
    return built()[1];
  }

  private static String[] built() {
    try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
      if (in != null) {
        String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
        if (lines.length > 1) {
          return lines;
        }
      }
    } catch (IOException _) {
      // Falls through: a version that cannot be read is unknown.
    }
    return new String[] {"unknown", "unknown"};
  }
}
