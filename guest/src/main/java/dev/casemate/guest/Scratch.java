package dev.casemate.guest;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A directory that its maker deletes, or the next build when the maker was killed. Whether the
 * maker lives is told by a lock on a file beside the directory and not by a process id: builds in
 * containers share a cache, but not a view of each other's processes. Owned by one thread.
 */
final class Scratch implements AutoCloseable {
  private static final String PREFIX = ".work-";
  private static final String LOCK = ".lock";
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  // Locks belong to a process: opening and closing a file that this one has locked would free it.
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final Path lockFile;
  private final FileChannel channel;

  private Scratch(Path directory, Path lockFile, FileChannel channel) {
    this.directory = directory;
    this.lockFile = lockFile;
    this.channel = channel;
  }

  /**
   * Makes one, empty.
   *
   * @param parent made when it is missing; its file system must know locks
   * @param kind what it is for, part of its name
   */
  static Scratch in(Path parent, String kind) throws IOException {
    Files.createDirectories(parent);
    while (true) {
      Path lockFile = Files.createTempFile(parent, PREFIX + kind, LOCK);
      OURS.add(lockFile);
      FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
      // A sweep may have come in between; its lock, or the file's absence, tells.
      if (isLocked(channel) && Files.exists(lockFile, LinkOption.NOFOLLOW_LINKS)) {
        Path directory = Files.createDirectory(directory(lockFile), OWNER_ONLY);
        return new Scratch(directory, lockFile, channel);
      }
      channel.close();
      OURS.remove(lockFile);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    FileLock lock = channel.tryLock();
    return lock != null;
  }

  private static Path directory(Path lockFile) {
    String name = String.valueOf(lockFile.getFileName());
    return lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length()));
  }

  private static Path lockFile(Path directory) {
    return directory.resolveSibling(directory.getFileName() + LOCK);
  }

  /** Where it is. */
  Path directory() {
    return directory;
  }

  /** Deletes it with all that it holds, as far as that can be done. */
  @Override
  public void close() {
    Trees.deleteQuietly(directory);
    Trees.deleteQuietly(lockFile);
    OURS.remove(lockFile);
    try {
      channel.close();
    } catch (IOException e) {
      // The lock ends with this process.
    }
  }

  /** Deletes those whose makers have died. */
  static void sweep(Path parent) throws IOException {
    List<Path> all;
    try (Stream<Path> entries = Files.list(parent)) {
      all =
          entries
              .filter(path -> String.valueOf(path.getFileName()).startsWith(PREFIX))
              .sorted()
              .toList();
    }
    for (Path path : all) {
      if (path.toString().endsWith(LOCK)) {
        sweepOne(path);
      } else if (!Files.exists(lockFile(path), LinkOption.NOFOLLOW_LINKS)) {
        // The lock file is made first and deleted last.
        Trees.delete(path);
      }
    }
  }

  private static void sweepOne(Path lockFile) throws IOException {
    if (OURS.contains(lockFile)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
      if (isLocked(channel)) {
        Trees.delete(directory(lockFile));
        Files.deleteIfExists(lockFile);
      }
    } catch (NoSuchFileException gone) {
      // Its maker has just deleted it.
    }
  }
}
