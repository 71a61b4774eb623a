package dev.casemate.cli.image;

import dev.casemate.model.CasemateException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * A directory that names from an image are resolved in, as if it were {@code /}: {@code ..} stops
 * at it, and symbolic links in the middle of a name are followed within it, absolute ones too. The
 * last part of a name is never followed.
 *
 * <p>Checks and use are separate steps, which is safe only because nobody else writes to the
 * directory: its owner makes it with permissions for itself alone, above it.
 */
final class RootDirectory {
  /** As the kernel bounds it (path_resolution(7)). */
  private static final int MOST_LINKS = 40;

  private static final int LONGEST_NAME = 4096;

  private final Path root;

  RootDirectory(Path root) {
    this.root = root;
  }

  /** The directory itself. */
  Path path() {
    return root;
  }

  /**
   * Where a name leads; what its last part is, if anything, is not looked at. Directories on the
   * way are made if they are missing.
   *
   * @return the root itself for an empty name
   * @throws CasemateException INVALID_ARGUMENT if the name has {@code ..} in it, is too long, or
   *     leads through too many links or through a file
   */
  Path place(String name) throws IOException {
    return resolve(name, true);
  }

  /** The same without making directories: where a name would lead. */
  Path find(String name) throws IOException {
    return resolve(name, false);
  }

  private Path resolve(String name, boolean make) throws IOException {
    Deque<String> parts = new ArrayDeque<>(parts(name));
    Path at = root;
    int links = 0;
    while (!parts.isEmpty()) {
      String part = parts.removeFirst();
      if (part.equals("..")) {
        at = at.equals(root) ? root : parent(at);
        continue;
      }
      Path next = child(at, part);
      if (parts.isEmpty()) {
        return next;
      }
      if (Files.isSymbolicLink(next)) {
        links++;
        if (links > MOST_LINKS) {
          throw ImageProblem.malformed("'" + name + "' leads through too many symbolic links");
        }
        String target = Files.readSymbolicLink(next).toString();
        at = target.startsWith("/") ? root : at;
        List<String> more = new ArrayList<>(List.of(target.split("/", -1)));
        Collections.reverse(more);
        for (String linked : more) {
          if (!linked.isEmpty() && !linked.equals(".")) {
            parts.addFirst(linked);
          }
        }
        // The link's own last part is a directory on the way, so it is resolved like the others.
        continue;
      }
      if (!Files.isDirectory(next, LinkOption.NOFOLLOW_LINKS)) {
        if (Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
          throw ImageProblem.malformed("'" + name + "' leads through a file");
        }
        if (make) {
          Files.createDirectory(next);
        }
      }
      at = next;
    }
    return at;
  }

  private static List<String> parts(String name) {
    if (name.length() > LONGEST_NAME || name.indexOf('\0') >= 0) {
      throw ImageProblem.malformed("it has a name that no file system takes");
    }
    List<String> parts = new ArrayList<>();
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        throw ImageProblem.malformed("'" + name + "' has .. in it");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return parts;
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  private static Path child(Path directory, String part) {
    try {
      return directory.resolve(part);
    } catch (InvalidPathException malformed) {
      throw ImageProblem.malformed("it has a name that no file system takes");
    }
  }

  /** Removes a file, or a directory with all that is in it; links are not followed. */
  static void remove(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      List<Path> children = new ArrayList<>();
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(path)) {
        for (Path child : stream) {
          children.add(child);
        }
      }
      for (Path child : children) {
        remove(child);
      }
    }
    Files.deleteIfExists(path);
  }
}
