package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A Debian release with its versions of containerd and Docker. Those of the release that this
 * machine runs are installed; {@code ./x} extracts the others', which are below the directory in
 * the system property {@code casemate.peers}.
 */
public enum DebianRelease {
  /** Debian 12: containerd 1.6, Docker 20.10. */
  BOOKWORM,
  /** Debian 13: containerd 1.7, Docker 26.1. */
  TRIXIE,
  /** Debian 14 in the making: containerd 2.1, Docker 28.5. */
  FORKY;

  private static final Path INSTALLED = Path.of("/");

  /**
   * The one that this machine runs.
   *
   * @throws AssertionError when it is none of them
   */
  public static DebianRelease installed() {
    for (DebianRelease release : values()) {
      if (release.isInstalled()) {
        return release;
      }
    }
    throw new AssertionError("This machine's Debian is none of " + List.of(values()));
  }

  /**
   * Why there is nothing of it, for a test to be skipped with: its mirror could not be reached.
   * That {@code ./x} was not asked, or failed, is no such reason.
   */
  public Optional<String> unreachable() {
    Path reason = peers().resolve(codename() + ".unreachable");
    if (Files.isDirectory(root()) || !Files.exists(reason)) {
      return Optional.empty();
    }
    return Optional.of("Debian " + codename() + " cannot be reached: " + read(reason).strip());
  }

  /**
   * The path of one of its programs.
   *
   * @throws AssertionError when there is none
   */
  public Path program(String name) {
    for (Path directory : programs()) {
      Path program = directory.resolve(name);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    throw new AssertionError(
        "There is no "
            + name
            + " of Debian "
            + codename()
            + " in "
            + root()
            + ": './x setup' and './x e2e' fetch it");
  }

  private List<Path> programs() {
    return List.of(root().resolve("usr/bin"), root().resolve("usr/sbin"));
  }

  /** A {@code PATH} for its programs: what is in that directory, then they, then this machine's. */
  String pathAfter(Path first) {
    List<String> directories = new ArrayList<>(List.of(first.toString()));
    programs().forEach(directory -> directories.add(directory.toString()));
    directories.add(Objects.requireNonNullElse(System.getenv("PATH"), "/usr/bin:/bin"));
    return String.join(":", directories);
  }

  private Path root() {
    return isInstalled() ? INSTALLED : peers().resolve(codename());
  }

  private boolean isInstalled() {
    return read(Path.of("/etc/os-release"))
        .lines()
        .anyMatch(line -> line.replace("\"", "").equals("VERSION_CODENAME=" + codename()));
  }

  private String codename() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Path peers() {
    return Path.of(System.getProperty("casemate.peers", "build/peers")).toAbsolutePath();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
