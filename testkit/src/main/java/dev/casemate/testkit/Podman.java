package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The podman of this machine with storage and a configuration of the test's own, which knows the
 * casemate under test by its path. There is no daemon; each container has a conmon.
 */
public final class Podman implements ContainerEngine {

  private final Path directory;

  private Podman(Path directory) {
    this.directory = directory;
  }

  /** Writes the configuration; all that podman keeps goes into the directory too. */
  public static Podman in(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("containers.conf"), configuration());
      Files.writeString(directory.resolve("storage.conf"), storage(directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Podman(directory);
  }

  /** Limits that any root may set, which podman's own defaults are not. */
  private static String configuration() {
    return """
    [engine]
    cgroup_manager = "cgroupfs"
    events_logger = "file"
    [engine.runtimes]
    casemate = ["%s/bin/casemate"]
    [containers]
    default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
    """
        .formatted(CasemateCommand.home());
  }

  private static String storage(Path directory) {
    return """
    [storage]
    driver = "overlay"
    graphroot = "%1$s/root"
    runroot = "%1$s/run"
    """
        .formatted(directory);
  }

  @Override
  public List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            "/usr/bin/env",
            "CONTAINERS_CONF=" + directory.resolve("containers.conf"),
            "CONTAINERS_STORAGE_CONF=" + directory.resolve("storage.conf"),
            "podman",
            "--tmpdir=" + directory.resolve("tmp")));
    command.addAll(List.of(arguments));
    return command;
  }

  @Override
  public String[] on(String runtime, String verb, String... arguments) {
    return Stream.concat(Stream.of("--runtime", runtime, verb), Stream.of(arguments))
        .toArray(String[]::new);
  }

  @Override
  public Path directory() {
    return directory;
  }

  @Override
  public List<String> leftovers() {
    List<String> left = new ArrayList<>();
    left.addAll(EngineRemains.mounts(directory.resolve("root/overlay")));
    EngineRemains.controlGroups("libpod_parent").stream()
        // All of Podman's monitors share this one, which stays.
        .filter(group -> !group.endsWith("/conmon"))
        .forEach(left::add);
    return left;
  }
}
