package dev.casemate.host;

import dev.casemate.model.oci.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The version of these programs and the commit that they were built from. An installation has both
 * in a file of its own: jars that told of a commit would not be the same for the same sources, and
 * opening one costs more than the rest of {@code --version}.
 *
 * @param number as Maven has it
 * @param commit 40 hexadecimal digits, with {@code -dirty} where sources had changed; or "unknown"
 */
public record Version(String number, String commit) {
  private static final String FILE = "version";
  private static final String UNKNOWN = "unknown";

  /** What is running. */
  public static Version current() {
    String home = System.getProperty("casemate.home", "");
    if (home.isEmpty()) {
      return of(builtNumber());
    }
    try {
      return of(Files.readString(Path.of(home, FILE)));
    } catch (IOException _) {
      // Not installed, but assembled by hand.
      return of(builtNumber());
    }
  }

  /** From the lines of a file; what is missing is unknown. */
  private static Version of(String text) {
    int end = text.indexOf('\n');
    String commit = end < 0 ? "" : text.substring(end + 1).strip();
    return new Version(
        end < 0 ? text : text.substring(0, end), commit.isEmpty() ? UNKNOWN : commit);
  }

  private static String builtNumber() {
    try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
      return in == null ? UNKNOWN : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException _) {
      return UNKNOWN;
    }
  }

  /** The lines of {@code --version} behind the program's name, in the layout that runc has. */
  public String lines() {
    return number
        + "\ncommit: "
        + commit
        + "\nspec: "
        + SpecVersion.MOST
        + "\njava: "
        + System.getProperty("java.version", UNKNOWN)
        + "\n";
  }
}
