package dev.casemate.guest;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Directory trees: listing, copying, deleting, and making their times all the same. Stateless. */
final class Trees {
  /** The time that every file of a guest carries, so that equal inputs give equal images. */
  static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private Trees() {}

  /** All paths below a directory, without it, sorted by name; links are not followed. */
  static List<Path> sorted(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (var walk = Files.walk(directory)) {
      walk.filter(path -> !path.equals(directory)).forEach(found::add);
    }
    Collections.sort(found);
    return found;
  }

  /** Deletes a file or a directory with all that is in it; it may be missing. */
  static void delete(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            // Two builds may sweep the same remains at once.
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException failure)
              throws IOException {
            if (failure != null && !(failure instanceof NoSuchFileException)) {
              throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Deletes what can be deleted, as the last act of something that has already ended. */
  static void deleteQuietly(Path path) {
    try {
      delete(path);
    } catch (IOException leftBehind) {
      // A file left in a temporary directory must not hide how the build ended.
      path.toFile().deleteOnExit();
    }
  }

  /** Copies a file's content, following links, with the given permissions. */
  static void install(Path source, Path target, String permissions) throws IOException {
    Path parent = target.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(permissions));
  }

  /** Gives every file and directory the same time; a link's own time cannot be set from Java. */
  static void settleTimes(Path directory) throws IOException {
    FileTime time = FileTime.from(EPOCH);
    for (Path path : sorted(directory).reversed()) {
      if (!Files.isSymbolicLink(path)) {
        Files.setLastModifiedTime(path, time);
      }
    }
    Files.setLastModifiedTime(directory, time);
  }
}
