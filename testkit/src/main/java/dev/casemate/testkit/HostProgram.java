package dev.casemate.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Programs of this machine for a test's root file system, which has only busybox. */
public final class HostProgram {
  /** A line of ldd(1): {@code libc.so.6 => /lib/libc.so.6 (0x…)}, or the loader's path alone. */
  private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

  private HostProgram() {}

  /**
   * Copies a program and the libraries that it needs.
   *
   * @param name where in the root file system, relative
   */
  public static void copy(Path program, Path rootfs, String name) throws IOException {
    copyFile(program, rootfs.resolve(name));
    Process ldd = new ProcessBuilder("ldd", program.toString()).start();
    String libraries = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    for (Matcher found = LIBRARY.matcher(libraries); found.find(); ) {
      copyFile(Path.of(found.group(1)), rootfs.resolve(found.group(1).substring(1)));
    }
  }

  private static void copyFile(Path from, Path to) throws IOException {
    Files.createDirectories(Objects.requireNonNull(to.getParent()));
    Files.copy(from.toRealPath(), to, StandardCopyOption.COPY_ATTRIBUTES);
  }
}
