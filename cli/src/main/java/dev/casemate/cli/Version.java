package dev.casemate.cli;

import dev.casemate.model.oci.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The version of this program, as the build wrote it into the jar. */
final class Version {
  private Version() {}

  /** The lines of {@code --version} behind the program's name, in the layout that runc has. */
  static String lines() {
    String[] built = built();
    return built[0]
        + "\ncommit: "
        + built[1]
        + "\nspec: "
        + SpecVersion.MOST
        + "\njava: "
        + System.getProperty("java.version", "unknown")
        + "\n";
  }

  /** The version alone. */
  static String number() {
    return built()[0];
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
