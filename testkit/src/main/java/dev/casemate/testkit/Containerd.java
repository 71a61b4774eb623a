package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A containerd with directories and a socket of the test's own, and with the shim under test in its
 * path. Closing it ends the daemon, not the containers.
 */
public final class Containerd implements AutoCloseable {

  /** The runtime under test, for {@code --runtime}. */
  public static final String CASEMATE = "io.containerd.casemate.v2";

  /** What it is measured by. */
  public static final String RUNC = "io.containerd.runc.v2";

  private final Path directory;
  private final DebianRelease release;
  private RunningCommand daemon;

  private Containerd(Path directory, DebianRelease release) {
    this.directory = directory;
    this.release = release;
    daemon = startDaemon();
  }

  /**
   * Starts the machine's own; all that it keeps goes into the directory, which need not exist.
   * Without Kubernetes.
   */
  public static Containerd in(Path directory) {
    return start(directory, DebianRelease.installed(), ContainerdConfiguration.plain(directory));
  }

  /** Likewise that of a release. */
  public static Containerd in(Path directory, DebianRelease release) {
    return start(directory, release, ContainerdConfiguration.plain(directory));
  }

  /**
   * Likewise with Kubernetes' CRI, ready to run pods: see {@link ContainerdConfiguration#withCri}
   * for what it expects and offers.
   */
  public static Containerd withCri(Path directory, DebianRelease release) {
    String configuration = ContainerdConfiguration.withCri(directory, release);
    Containerd containerd = start(directory, release, configuration);
    try (CriClient client = containerd.cri()) {
      Await.until("containerd can run pods", client::isReady);
    }
    return containerd;
  }

  private static Containerd start(Path directory, DebianRelease release, String configuration) {
    try {
      CasemateCommand.linkShim(directory.resolve("bin"));
      Files.writeString(directory.resolve("config.toml"), configuration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Containerd containerd = new Containerd(directory, release);
    containerd.awaitAnswer();
    return containerd;
  }

  private RunningCommand startDaemon() {
    return RunningCommand.start(
        List.of(
            release.program("containerd").toString(),
            "--config",
            directory.resolve("config.toml").toString()),
        directory,
        RunningCommand.NO_INPUT,
        Map.of("PATH", release.pathAfter(directory.resolve("bin"))));
  }

  private void awaitAnswer() {
    Await.until("containerd answers", () -> ctr("version").exitCode() == 0);
  }

  /** Ends the daemon and starts it anew; containers go on. */
  public void restart() {
    close();
    startAgain();
  }

  /** Starts the daemon after it was killed. */
  public void startAgain() {
    daemon = startDaemon();
    awaitAnswer();
  }

  /** Kills the daemon, which learns of nothing; containers go on. */
  public void kill() {
    daemon.signal("KILL");
    daemon.await();
  }

  /** Runs its client to the end with nothing on standard input; {@link Await#BOUND} at most. */
  public CommandResult ctr(String... arguments) {
    return startCtr(arguments).await();
  }

  /** Starts its client with nothing on standard input. */
  public RunningCommand startCtr(String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(release.program("ctr").toString(), "--address", socket().toString()));
    command.addAll(List.of(arguments));
    return RunningCommand.start(command, directory, RunningCommand.NO_INPUT, Map.of());
  }

  /** A new client of its CRI, which the caller closes. */
  public CriClient cri() {
    return CriClient.at(socket());
  }

  /**
   * A directory for ctr's FIFOs, {@code --fifo-dir}: it forgets those of a container whose shim was
   * killed, and would leave them on the machine.
   */
  public Path fifos() {
    return directory.resolve("fifos");
  }

  /** What it listens on. */
  Path socket() {
    return directory.resolve(ContainerdConfiguration.SOCKET);
  }

  /** What the daemon has logged since it was started last, the shims' lines among it. */
  public String log() {
    return daemon.errors();
  }

  @Override
  public void close() {
    daemon.signal("TERM");
    daemon.await();
  }
}
