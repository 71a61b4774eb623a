package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A dockerd with a containerd, directories and a socket of the test's own. It knows the casemate
 * under test by the command's path as {@link #CASEMATE} and, since Docker 26, by the shim as {@link
 * #SHIM}. It makes no networks: containers are run with {@code --network none}. Closing it ends the
 * daemons; containers should be gone by then.
 */
public final class Docker implements ContainerEngine, AutoCloseable {

  /** The shim under test, by a name in the configuration; Docker 20.10 does not know it. */
  public static final String SHIM = "casemate-shim";

  /** The shim under test, by the name that containerd has for it; not with Docker 20.10. */
  public static final String SHIM_TYPE = "io.containerd.casemate.v2";

  private final DebianRelease release;
  private final Path directory;
  private final RunningCommand daemon;

  private Docker(DebianRelease release, Path directory, RunningCommand daemon) {
    this.release = release;
    this.directory = directory;
    this.daemon = daemon;
  }

  /** Starts the daemons; all that they keep goes into the directory, which need not exist. */
  public static Docker in(DebianRelease release, Path directory) {
    Path configuration = directory.resolve("daemon.json");
    try {
      CasemateCommand.linkShim(directory.resolve("bin"));
      Files.writeString(configuration, configuration(release, directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    RunningCommand daemon =
        RunningCommand.start(
            List.of(
                release.program("dockerd").toString(), "--config-file", configuration.toString()),
            directory,
            RunningCommand.NO_INPUT,
            // Where it finds the containerd that it starts, and that one its shims.
            Map.of("PATH", release.pathAfter(directory.resolve("bin"))));
    Docker docker = new Docker(release, directory, daemon);
    Await.until("dockerd answers", () -> docker.run("version").exitCode() == 0);
    return docker;
  }

  private static String configuration(DebianRelease release, Path directory) {
    String byShim =
        release == DebianRelease.BOOKWORM
            ? ""
            : ", \"" + SHIM + "\": {\"runtimeType\": \"" + SHIM_TYPE + "\"}";
    return """
    {
      "data-root": "%1$s/data",
      "exec-root": "%1$s/exec",
      "pidfile": "%1$s/pid",
      "hosts": ["unix://%1$s/socket"],
      "storage-driver": "overlay2",
      "iptables": false,
      "ip-forward": false,
      "ip-masq": false,
      "bridge": "none",
      "exec-opts": ["native.cgroupdriver=cgroupfs"],
      "runtimes": {"%2$s": {"path": "%3$s/bin/casemate"}%4$s}
    }
    """
        .formatted(directory, CASEMATE, CasemateCommand.home(), byShim);
  }

  @Override
  public List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(release.program("docker").toString());
    command.addAll(List.of("--host", "unix://" + directory.resolve("socket")));
    command.addAll(List.of(arguments));
    return command;
  }

  @Override
  public String[] on(String runtime, String verb, String... arguments) {
    return Stream.concat(Stream.of(verb, "--runtime", runtime), Stream.of(arguments))
        .toArray(String[]::new);
  }

  @Override
  public Path directory() {
    return directory;
  }

  @Override
  public List<String> leftovers() {
    List<String> left = new ArrayList<>();
    left.addAll(EngineRemains.mounts(directory.resolve("data/overlay2")));
    left.addAll(EngineRemains.files(directory.resolve("data/containers")));
    left.addAll(EngineRemains.files(directory.resolve("exec/runtime-runc/moby")));
    left.addAll(EngineRemains.controlGroups("docker"));
    return left;
  }

  /** What the daemons have logged so far. */
  public String log() {
    return daemon.errors();
  }

  @Override
  public void close() {
    daemon.signal("TERM");
    daemon.await();
    // After a container with --network host the host's namespace stays bound in there.
    EngineRemains.unmount(directory.resolve("exec"));
  }
}
