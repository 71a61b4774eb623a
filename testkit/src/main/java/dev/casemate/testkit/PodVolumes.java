package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The directory of one pod, as a kubelet keeps it below {@code /var/lib/kubelet/pods}, with volumes
 * of several kinds. Needs root. Closing it unmounts them.
 */
public final class PodVolumes implements AutoCloseable {
  private final Path directory;
  private final Deque<Path> mounted = new ArrayDeque<>();

  private PodVolumes(Path directory) {
    this.directory = directory;
  }

  /** A pod without volumes; the directory need not exist. */
  public static PodVolumes in(Path directory) {
    return new PodVolumes(directory);
  }

  /** An {@code emptyDir} on the host's disk. */
  public Path emptyDirectory(String name) {
    return made("volumes/kubernetes.io~empty-dir/" + name);
  }

  /**
   * An {@code emptyDir} in memory.
   *
   * @param options as tmpfs takes them: {@code size=1m,mode=2777,gid=2000}
   */
  public Path memory(String name, String options) {
    Path volume = emptyDirectory(name);
    mount("-t", "tmpfs", "-o", options, "tmpfs", volume.toString());
    mounted.push(volume);
    return volume;
  }

  /** What a container with a {@code subPath} gets: a directory or file of a volume, bound. */
  public Path subPath(Path volume, String path, String container, int index) {
    Path source = volume.resolve(path);
    Path at = made("volume-subpaths/" + volume.getFileName() + "/" + container);
    Path place = at.resolve(Integer.toString(index));
    try {
      if (Files.isRegularFile(source)) {
        Files.createFile(place);
      } else {
        Files.createDirectories(source);
        Files.createDirectory(place);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    mount("--bind", source.toString(), place.toString());
    mounted.push(place);
    return place;
  }

  private Path made(String path) {
    try {
      return Files.createDirectories(directory.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void mount(String... arguments) {
    run("mount", arguments);
  }

  private void run(String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    RunningCommand.start(command, directory, RunningCommand.NO_INPUT, Map.of())
        .await()
        .mustSucceed();
  }

  @Override
  public void close() {
    while (!mounted.isEmpty()) {
      run("umount", mounted.pop().toString());
    }
  }
}
