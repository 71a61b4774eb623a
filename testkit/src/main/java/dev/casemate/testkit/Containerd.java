package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The containerd of this machine, with directories and a socket of the test's own, and with the
 * shim under test in its path. Closing it ends the daemon, not the containers.
 */
public final class Containerd implements AutoCloseable {

  /** The runtime under test, for {@code --runtime}. */
  public static final String CASEMATE = "io.containerd.casemate.v2";

  /** What it is measured by. */
  public static final String RUNC = "io.containerd.runc.v2";

  private static final String SHIM = "containerd-shim-casemate-v2";

  private final Path directory;
  private RunningCommand daemon;

  private Containerd(Path directory) {
    this.directory = directory;
    daemon = startDaemon();
  }

  /** Starts a daemon; all that it keeps goes into the directory, which need not exist. */
  public static Containerd in(Path directory) {
    try {
      Files.createDirectories(directory.resolve("bin"));
      Files.createSymbolicLink(
          directory.resolve("bin").resolve(SHIM), CasemateCommand.home().resolve("bin/" + SHIM));
      Files.writeString(directory.resolve("config.toml"), configuration(directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Containerd containerd = new Containerd(directory);
    containerd.awaitAnswer();
    return containerd;
  }

  /** The daemon needs no Kubernetes, no other snapshotters and nobody to trace for here. */
  private static String configuration(Path directory) {
    return """
    version = 2
    root = "%1$s/root"
    state = "%1$s/run"
    disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.restart",
      "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
      "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
      "io.containerd.tracing.processor.v1.otlp"]
    [grpc]
      address = "%1$s/socket"
    [plugins."io.containerd.internal.v1.opt"]
      path = "%1$s/opt"
    """
        .formatted(directory);
  }

  private RunningCommand startDaemon() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "/usr/bin:/bin");
    return RunningCommand.start(
        List.of("containerd", "--config", directory.resolve("config.toml").toString()),
        directory,
        RunningCommand.NO_INPUT,
        Map.of("PATH", directory.resolve("bin") + ":" + path));
  }

  private void awaitAnswer() {
    Await.until("containerd answers", () -> ctr("version").exitCode() == 0);
  }

  /** Ends the daemon and starts it anew; containers go on. */
  public void restart() {
    close();
    daemon = startDaemon();
    awaitAnswer();
  }

  /** Runs its client to the end with nothing on standard input; {@link Await#BOUND} at most. */
  public CommandResult ctr(String... arguments) {
    return startCtr(arguments).await();
  }

  /** Starts its client with nothing on standard input. */
  public RunningCommand startCtr(String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("ctr", "--address", directory.resolve("socket").toString()));
    command.addAll(List.of(arguments));
    return RunningCommand.start(command, directory, RunningCommand.NO_INPUT, Map.of());
  }

  /** What the daemon has logged so far, the shims' lines among it. */
  public String log() {
    return daemon.errors();
  }

  @Override
  public void close() {
    daemon.signal("TERM");
    daemon.await();
  }
}
