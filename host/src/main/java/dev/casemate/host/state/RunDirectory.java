package dev.casemate.host.state;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one sandbox's sockets, pipes and mount points, and, on disk, the one of what its
 * containers write and nobody keeps. Both have short paths and one name, so that one leads to the
 * other.
 *
 * @param path {@code /run/casemate/vm/NAME}
 */
public record RunDirectory(Path path) {
  private static final Path HOME = Path.of("/run/casemate");
  static final Path PARENT = HOME.resolve("vm");
  private static final Path SCRATCH_PARENT = Path.of("/var/lib/casemate/scratch");

  /**
   * 48 bits: two sandboxes of one host meet once in many millions of boots; then one is refused.
   */
  private static final int NAME_BYTES = 6;

  /** Chooses a new one, which is yet to be made. */
  public static RunDirectory choose() {
    byte[] random = new byte[NAME_BYTES];
    new SecureRandom().nextBytes(random);
    return new RunDirectory(PARENT.resolve(HexFormat.of().formatHex(random)));
  }

  /**
   * Makes it. Others may pass through it to what they know and have a right to.
   *
   * @throws CasemateException HOST_UNFIT; {@link #remove} takes away what was made by then
   */
  public void make() {
    try {
      Files.createDirectories(PARENT);
      for (Path way : List.of(HOME, PARENT)) {
        Files.setPosixFilePermissions(way, PosixFilePermissions.fromString("rwx--x--x"));
      }
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
      Files.createDirectory(
          path.resolve("pipes"),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "make a directory under " + PARENT,
          String.valueOf(failure),
          "check that it can be written",
          failure);
    }
  }

  /** Where FIFOs go. */
  public Path pipes() {
    return path.resolve("pipes");
  }

  /** Where the monitor takes requests. */
  public Path controlSocket() {
    return path.resolve("control.sock");
  }

  /** Where what nobody keeps is written; not made yet. */
  public Path scratch() {
    return SCRATCH_PARENT.resolve(path.getFileName());
  }

  /**
   * Removes both directories. Nothing may be mounted in them any more: what is reached through a
   * mount belongs to somebody else.
   *
   * @throws CasemateException WRONG_STATE when something is mounted there, or when a damaged record
   *     led to a directory that is none of ours
   */
  public void remove() {
    if (!PARENT.equals(path.normalize().getParent())) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "remove " + path,
          "no run directory can be there",
          "look for what damaged the container's state file");
    }
    try {
      for (Path directory : new Path[] {path, scratch()}) {
        refuseMounts(directory);
        if (Files.isDirectory(directory)) {
          Files.walkFileTree(directory, new Deletion());
        }
      }
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT, "remove " + path, String.valueOf(failure), "", failure);
    }
  }

  private static void refuseMounts(Path directory) throws IOException {
    String inside = " " + directory + "/";
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      if (line.contains(inside)) {
        throw new CasemateException(
            ErrorCode.WRONG_STATE,
            "remove " + directory,
            "something is mounted in it: " + line,
            "unmount it");
      }
    }
  }

  /** Follows no link. */
  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
