package dev.casemate.hypervisor.qemu;

import dev.casemate.core.VmmCredentials;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * The one directory in which a VMM finds its sockets. It belongs to the VMM's user and lies beneath
 * the sandbox's run directory, whose own files (logs, control socket) stay out of that user's
 * reach.
 */
final class VmmDirectory {
  private static final String NAME = "vmm";

  private VmmDirectory() {}

  /**
   * Makes the directory, mode 0700, and lets other users pass through the run directory to it.
   *
   * @throws CasemateException HOST_UNFIT when the run directory does not allow it, EXHAUSTED on a
   *     full disk
   */
  static Path make(Path runDirectory, VmmCredentials owner) {
    Path directory = runDirectory.resolve(NAME);
    try {
      passable(runDirectory);
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      giveTo(directory, owner);
      return directory;
    } catch (IOException e) {
      throw unwritable("make the VMM's directory " + directory, directory, e);
    }
  }

  /** Why a file could not be made, asked before what was made is removed, which makes room. */
  static CasemateException unwritable(String tried, Path file, IOException failure) {
    boolean full;
    try {
      full = Filesystem.fileSystem(String.valueOf(file.getParent())).isFull();
    } catch (LinuxException unknown) {
      full = false;
    }
    return new CasemateException(
        full ? ErrorCode.EXHAUSTED : ErrorCode.HOST_UNFIT,
        tried,
        full ? "the file system of " + file + " is full" : String.valueOf(failure),
        full ? "free some space" : "check that the directory can be written",
        failure);
  }

  private static void passable(Path runDirectory) throws IOException {
    Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
    mode.addAll(Files.getPosixFilePermissions(runDirectory));
    if (mode.add(PosixFilePermission.OTHERS_EXECUTE)) {
      Files.setPosixFilePermissions(runDirectory, mode);
    }
  }

  /** Changes the owner, without following a symbolic link. */
  static void giveTo(Path path, VmmCredentials owner) throws IOException {
    if (owner.uid() != 0) {
      Files.setAttribute(path, "unix:gid", owner.gid(), java.nio.file.LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:uid", owner.uid(), java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** Removes the directory and the sockets in it; what cannot be removed goes with the sandbox. */
  static void remove(Path directory) {
    try (var entries = Files.list(directory)) {
      for (Path entry : entries.toList()) {
        Files.deleteIfExists(entry);
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      // Whoever owns the run directory removes it as a whole.
    }
  }
}
