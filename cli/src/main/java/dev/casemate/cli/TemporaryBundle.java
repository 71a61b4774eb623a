package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * A bundle that is made for one run and removed after it. On disk and not on tmpfs, since it holds
 * whole images. Its owner holds a lock in it; what nobody holds and no container uses was left by
 * somebody who was killed, and the next run sweeps it up.
 */
final class TemporaryBundle implements AutoCloseable {
  /** Only root can enter, so that no other user meets set-user-id programs of an image. */
  static final Path DIRECTORY = Path.of("/var/lib/casemate/bundles");

  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel lockFile;
  private boolean kept;

  private TemporaryBundle(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Makes one for a container.
   *
   * @param stateRoot where the container's state will be
   */
  static TemporaryBundle make(Path directory, ContainerId id, Path stateRoot) {
    try {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      sweep(directory);
      Path path = Files.createTempDirectory(directory, "");
      Path lock = path.resolve(LOCK);
      Path state = stateRoot.resolve(id.value());
      FileChannel lockFile =
          FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      lockFile.lock();
      lockFile.write(java.nio.ByteBuffer.wrap(state.toString().getBytes(StandardCharsets.UTF_8)));
      return new TemporaryBundle(path, lockFile);
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.EXHAUSTED,
          "make a bundle in " + directory,
          String.valueOf(failure.getMessage()),
          "look for space and permissions",
          failure);
    }
  }

  /** The bundle's directory. */
  Path path() {
    return path;
  }

  /** Leaves it for a container that outlives this process. */
  void keep() {
    kept = true;
  }

  /** Removes it, unless it is kept. */
  @Override
  public void close() {
    try {
      if (!kept) {
        remove(path);
      }
      lockFile.close();
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.EXHAUSTED,
          "remove the bundle " + path,
          String.valueOf(failure.getMessage()),
          "remove it by hand",
          failure);
    }
  }

  /** Removes the bundle of a deleted container, if it is one of these. */
  static void removeIfOurs(String bundle) {
    if (!bundle.startsWith(DIRECTORY + "/")) {
      return;
    }
    try {
      remove(Path.of(bundle));
    } catch (IOException _) {
      // The next run sweeps.
    }
  }

  private static void sweep(Path directory) throws IOException {
    try (DirectoryStream<Path> bundles = Files.newDirectoryStream(directory)) {
      for (Path bundle : bundles) {
        if (isAbandoned(bundle.resolve(LOCK))) {
          remove(bundle);
        }
      }
    }
  }

  /** Whether nobody holds the lock and no container uses it. */
  private static boolean isAbandoned(Path lock) {
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      if (held == null) {
        return false;
      }
      String state = Files.readString(lock);
      // Empty while its maker is between making and locking it.
      return !state.isEmpty() && !Files.exists(Path.of(state));
    } catch (IOException | RuntimeException _) {
      return false;
    }
  }

  /** Removes a directory with all that is in it; links are not followed. */
  static void remove(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
