package dev.casemate.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A network namespace with a name, as network plug-ins are given one, and programs of this machine
 * in it. Closing it removes the name, and with it what nobody else is in.
 */
public final class NetworkNamespace implements AutoCloseable {
  private final String name;
  private final Path scratch;

  private NetworkNamespace(String name, Path scratch) {
    this.name = name;
    this.scratch = scratch;
  }

  /**
   * Makes one, with its loopback interface on.
   *
   * @param name begins its name, which other tests on this machine must not mind
   * @param scratch a directory that lives as long as the test
   */
  public static NetworkNamespace make(String name, Path scratch) {
    NetworkNamespace made =
        new NetworkNamespace(name + "-" + ProcessHandle.current().pid(), scratch);
    made.host("ip", "netns", "add", made.name);
    made.run("ip link set lo up");
    return made;
  }

  /** The file that it is mounted to. */
  public Path file() {
    return Path.of("/run/netns", name);
  }

  /** Runs a command whose words spaces part, in it; its output, as long as it succeeds. */
  public String run(String words) {
    return start(words.split(" ")).await().mustSucceed().text();
  }

  /** Starts a program in it. */
  public RunningCommand start(String... command) {
    List<String> argv = new ArrayList<>(List.of("ip", "netns", "exec", name));
    argv.addAll(List.of(command));
    return RunningCommand.start(argv, scratch, RunningCommand.NO_INPUT, Map.of());
  }

  private void host(String... command) {
    RunningCommand.start(List.of(command), scratch, RunningCommand.NO_INPUT, Map.of())
        .await()
        .mustSucceed();
  }

  @Override
  public void close() {
    host("ip", "netns", "del", name);
  }
}
