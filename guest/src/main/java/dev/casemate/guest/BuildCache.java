package dev.casemate.guest;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Directories of files, each named by a digest of what it was made from and made once per machine:
 * whoever comes second waits and takes what the first has made. An entry appears by a rename, holds
 * the digests of its files, and is made again when they do not match. Safe across processes and
 * threads.
 */
final class BuildCache {
  /** Fills an empty directory with regular files, no directories. */
  @FunctionalInterface
  interface Maker {
    /** Makes the entry's files in the directory. */
    void make(Path directory) throws IOException;
  }

  // A kernel takes ten minutes on two free cores; an hour means that its builder hangs.
  private static final Duration OTHER_BUILD_BOUND = Duration.ofHours(1);
  private static final Duration LOCK_POLL = Duration.ofMillis(100);
  private static final String SUMS = ".sums";

  private final Path root;
  private final Progress progress;

  /**
   * @param root made when it is missing; its file system must know locks and hard links
   */
  BuildCache(Path root, Progress progress) {
    this.root = root;
    this.progress = progress;
  }

  /** A new directory beside the entries. */
  Scratch scratch(String kind) {
    try {
      return Scratch.in(root, kind);
    } catch (IOException e) {
      throw Failures.io("make a directory for the build", root, e);
    }
  }

  /** Deletes what builds left behind that were killed. */
  void sweep() throws IOException {
    if (Files.isDirectory(root)) {
      Scratch.sweep(root);
    }
  }

  /** The entry of a kind with a key; made first when it is missing or damaged. */
  Path entry(String kind, String key, Maker maker) {
    Path entry = root.resolve(kind).resolve(key);
    try {
      Files.createDirectories(root.resolve(kind));
      return locked(root.resolve(kind).resolve("." + key + ".lock"), () -> fill(entry, maker));
    } catch (IOException e) {
      throw Failures.io("make the " + kind + " of the guest", root, e);
    }
  }

  /** An action under a lock. */
  @FunctionalInterface
  interface Guarded<T> {
    /** Acts. */
    T act() throws IOException;
  }

  /** Acts while no other process or thread holds the lock file, which stays behind, empty. */
  <T> T locked(Path lockFile, Guarded<T> action) throws IOException {
    try (FileChannel channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      FileLock lock = acquire(channel, lockFile);
      try {
        return action.act();
      } finally {
        lock.release();
      }
    }
  }

  private FileLock acquire(FileChannel channel, Path lockFile) throws IOException {
    long deadline = System.nanoTime() + OTHER_BUILD_BOUND.toNanos();
    boolean told = false;
    while (System.nanoTime() < deadline) {
      try {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          return lock;
        }
      } catch (OverlappingFileLockException heldByAnotherThread) {
        // The same as held by another process: wait for it.
      }
      if (!told) {
        told = true;
        progress.note("another build is making the same: waiting for it");
      }
      try {
        Thread.sleep(LOCK_POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CasemateException(
            ErrorCode.CANCELLED, "build a guest", "the build was interrupted", "", e);
      }
    }
    throw new CasemateException(
        ErrorCode.TIMED_OUT,
        "build a guest",
        "another build has held " + lockFile + " for an hour",
        "end it, then start again");
  }

  private Path fill(Path entry, Maker maker) throws IOException {
    if (Files.exists(entry)) {
      if (isSound(entry)) {
        return entry;
      }
      progress.note("the cached " + entry + " is damaged: making it again");
      Trees.delete(entry);
    }
    try (Scratch scratch = Scratch.in(root, "new")) {
      Path unfinished = scratch.directory();
      maker.make(unfinished);
      Files.write(unfinished.resolve(SUMS), sums(unfinished));
      Files.move(unfinished, entry, StandardCopyOption.ATOMIC_MOVE);
      return entry;
    }
  }

  private static boolean isSound(Path entry) throws IOException {
    Path recorded = entry.resolve(SUMS);
    return Files.isRegularFile(recorded, LinkOption.NOFOLLOW_LINKS)
        && Files.readAllLines(recorded).equals(sums(entry));
  }

  private static List<String> sums(Path directory) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : Trees.sorted(directory)) {
      String name = directory.relativize(file).toString();
      if (!name.equals(SUMS)) {
        lines.add(ContentKey.sha256Of(file) + " " + Files.size(file) + " " + name);
      }
    }
    return lines;
  }
}
