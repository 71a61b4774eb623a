package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What engines and runtimes leave when they forget something. */
final class EngineRemains {

  private EngineRemains() {}

  /** The mounts below a directory, as this process sees them. */
  static List<String> mounts(Path directory) {
    return mountPoints(directory).stream().map(point -> "mount " + point).toList();
  }

  /** Unmounts what is below a directory, which could not be removed otherwise. */
  static void unmount(Path directory) {
    for (String point : mountPoints(directory)) {
      RunningCommand.start(List.of("umount", point), directory, RunningCommand.NO_INPUT, Map.of())
          .await()
          .mustSucceed();
    }
  }

  /** The fifth word of a line, see proc_pid_mountinfo(5). */
  private static List<String> mountPoints(Path directory) {
    try {
      return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
          .map(line -> line.split(" ", -1)[4])
          .filter(point -> point.startsWith(directory + "/"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is in a directory, which need not be there. */
  static List<String> files(Path directory) {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      files.forEach(file -> found.add(file.toString()));
    } catch (NoSuchFileException | NotDirectoryException none) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /** The control groups of containers below that parent, in all hierarchies. */
  static List<String> controlGroups(String parent) {
    List<String> found = new ArrayList<>();
    List<Path> hierarchies = new ArrayList<>(List.of(Path.of("/sys/fs/cgroup")));
    files(Path.of("/sys/fs/cgroup")).forEach(hierarchy -> hierarchies.add(Path.of(hierarchy)));
    for (Path hierarchy : hierarchies) {
      for (String group : files(hierarchy.resolve(parent))) {
        if (Files.isDirectory(Path.of(group))) {
          found.add("control group " + group);
        }
      }
    }
    return found;
  }
}
