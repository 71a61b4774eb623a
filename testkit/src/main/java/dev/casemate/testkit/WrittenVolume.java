package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A volume that the kubelet writes with its AtomicWriter: the files lie in a directory of their
 * own, {@code ..data} leads there, and a link for each name leads through {@code ..data}. A new
 * state is a new directory, to which {@code ..data} turns in one step.
 */
public final class WrittenVolume {
  private static final String DATA = "..data";

  private final Path directory;
  private int writes;

  WrittenVolume(Path directory) {
    this.directory = directory;
  }

  /** What a container mounts. */
  public Path directory() {
    return directory;
  }

  /** Makes these the files of the volume: contents by name, which may have directories. */
  public void write(Map<String, String> files) {
    try {
      Path before = directory.resolve(DATA);
      String old = Files.exists(before) ? Files.readSymbolicLink(before).toString() : "";
      writes++;
      String stamp = "..2026_01_01_00_00_%02d.%d".formatted(writes % 60, 1_000_000 + writes);
      Path next = Files.createDirectory(directory.resolve(stamp));
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = next.resolve(file.getKey());
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.writeString(path, file.getValue());
      }
      Path link = directory.resolve("..data_tmp");
      Files.createSymbolicLink(link, Path.of(stamp));
      Files.move(link, before, StandardCopyOption.ATOMIC_MOVE);
      linkNames(files);
      if (!old.isEmpty()) {
        delete(directory.resolve(old));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void linkNames(Map<String, String> files) throws IOException {
    for (String path : new TreeMap<>(files).keySet()) {
      String name = path.split("/", -1)[0];
      Path link = directory.resolve(name);
      if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(link, Path.of(DATA, name));
      }
    }
    try (var names = Files.newDirectoryStream(directory, path -> !isOwn(path))) {
      for (Path link : names) {
        if (!Files.exists(link)) {
          Files.delete(link);
        }
      }
    }
  }

  private static boolean isOwn(Path path) {
    return String.valueOf(path.getFileName()).startsWith("..");
  }

  private static void delete(Path tree) throws IOException {
    try (var paths = Files.walk(tree)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
