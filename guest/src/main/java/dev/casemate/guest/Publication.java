package dev.casemate.guest;

import dev.casemate.model.guest.GuestManifest;
import dev.casemate.model.guest.GuestManifest.FileEntry;
import dev.casemate.model.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Puts a guest's files into its directory. The new directory is complete before it takes the old
 * one's place; what a killed build left is found and put right by the next. Owned by the building
 * thread.
 */
final class Publication {
  private final Path output;
  private final BuildCache cache;

  /**
   * @param output the guest's directory; made when missing, replaced as a whole
   */
  Publication(Path output, BuildCache cache) {
    this.output = output;
    this.cache = cache;
  }

  /**
   * Publishes.
   *
   * @param files by their name in the guest; hard-linked where that is possible, so that guests
   *     share what they have in common
   * @param manifest made from the list of files
   */
  void publish(Map<String, Path> files, Function<List<FileEntry>, GuestManifest> manifest)
      throws IOException {
    Path parent = output.getParent();
    if (parent == null) {
      throw Failures.host("publish the guest", output + " has no parent directory", "");
    }
    Files.createDirectories(parent);
    Path lock = parent.resolve("." + output.getFileName() + ".lock");
    cache.locked(
        lock,
        () -> {
          recover(parent);
          replace(parent, files, manifest);
          return output;
        });
  }

  private void replace(
      Path parent, Map<String, Path> files, Function<List<FileEntry>, GuestManifest> manifest)
      throws IOException {
    Path fresh = Files.createTempDirectory(parent, prefix("new"));
    List<FileEntry> entries = new ArrayList<>();
    for (String name : files.keySet().stream().sorted().toList()) {
      Path target = fresh.resolve(name);
      share(files.getOrDefault(name, target), target);
      entries.add(new FileEntry(name, Files.size(target), ContentKey.sha256Of(target)));
    }
    String text = JsonWriter.pretty(manifest.apply(entries).toJson());
    Files.writeString(fresh.resolve(GuestManifest.FILE_NAME), text.stripTrailing() + "\n");
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path old = parent.resolve(prefix("old"));
    if (Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(output, old, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(fresh, output, StandardCopyOption.ATOMIC_MOVE);
    Trees.delete(old);
  }

  /** Copies when a link cannot be: another file system, or one without hard links. */
  private static void share(Path source, Path target) throws IOException {
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-r--r--"));
    try {
      Files.createLink(target, source);
    } catch (IOException | UnsupportedOperationException notPossible) {
      Files.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  private void recover(Path parent) throws IOException {
    Path old = parent.resolve(prefix("old"));
    if (Files.exists(old) && !Files.exists(output)) {
      Files.move(old, output, StandardCopyOption.ATOMIC_MOVE);
    }
    Trees.delete(old);
    List<Path> unfinished;
    try (Stream<Path> all = Files.list(parent)) {
      unfinished =
          all.filter(path -> String.valueOf(path.getFileName()).startsWith(prefix("new"))).toList();
    }
    for (Path path : unfinished) {
      Trees.delete(path);
    }
  }

  private String prefix(String kind) {
    return "." + output.getFileName() + "-" + kind;
  }
}
