package dev.casemate.hypervisor.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is kept of a machine that failed: one text file, readable by root only, in a directory that
 * outlives the sandbox. The oldest go when there are too many.
 *
 * @param machine the sandbox's name
 * @param verdict what the failure was taken for
 * @param argv how QEMU was started
 * @param output QEMU's last lines
 * @param console the guest's last lines
 */
record CrashBundle(
    String machine, String verdict, List<String> argv, List<String> output, List<String> console) {
  /** As many as a person looks through; each has at most some 100 KiB. */
  static final int KEPT = 32;

  private static final String SUFFIX = ".crash.txt";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

  /** The file's content. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("machine: ").append(machine).append('\n');
    text.append("verdict: ").append(verdict).append('\n');
    section(text, "command", argv);
    section(text, "VMM output", output);
    section(text, "guest console", console);
    return text.toString();
  }

  private static void section(StringBuilder text, String title, List<String> lines) {
    text.append("\n== ").append(title).append(" ==\n");
    lines.forEach(line -> text.append(line).append('\n'));
  }

  /** Writes the file; empty when the disk does not allow it, which must not hide the failure. */
  Optional<Path> write(Path directory, Instant now) {
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      prune(directory);
      Path file =
          Files.createTempFile(
              directory,
              STAMP.format(now) + "-" + machine.replaceAll("[^\\w.-]", "_") + "-",
              SUFFIX);
      Files.writeString(file, text());
      return Optional.of(file);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static void prune(Path directory) throws IOException {
    List<Path> bundles;
    try (var files = Files.list(directory)) {
      bundles =
          files
              .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
              .sorted(Comparator.comparing(file -> file.getFileName().toString()))
              .toList();
    }
    for (int i = 0; i <= bundles.size() - KEPT; i++) {
      Files.deleteIfExists(bundles.get(i));
    }
  }
}
