package dev.casemate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the installed {@code casemate} as its callers do: as a program, with a state directory of
 * the test's own. Immutable but for the files it writes outputs to; may be used by several threads.
 */
public final class CasemateCommand {
  private static final String SHIM = "containerd-shim-casemate-v2";

  private final Path home;
  private final Path scratch;
  private final List<String> global;
  private final Map<String, String> environment;
  private final List<String> preparations;

  private CasemateCommand(
      Path home,
      Path scratch,
      List<String> global,
      Map<String, String> environment,
      List<String> preparations) {
    this.home = home;
    this.scratch = scratch;
    this.global = List.copyOf(global);
    this.environment = Map.copyOf(environment);
    this.preparations = List.copyOf(preparations);
  }

  /**
   * The casemate under test.
   *
   * @param scratch a directory that lives as long as the test; state goes to {@code scratch/state}
   */
  public static CasemateCommand in(Path scratch) {
    return new CasemateCommand(
        home(),
        scratch,
        List.of("--root", scratch.resolve("state").toString()),
        Map.of(),
        List.of());
  }

  /** Where the casemate under test is installed, the system property {@code casemate.home}. */
  public static Path home() {
    Path home = Path.of(System.getProperty("casemate.home", "build/dist")).toAbsolutePath();
    if (!Files.isExecutable(home.resolve("bin/casemate"))) {
      throw new AssertionError(
          "There is no casemate in " + home + ": './x e2e' and './x test' make one first");
    }
    return home;
  }

  /** Puts the shim under test into a directory, which need not exist, for a {@code PATH}. */
  static void linkShim(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.createSymbolicLink(directory.resolve(SHIM), home().resolve("bin").resolve(SHIM));
  }

  /** The same with more flags before the verb, like {@code --log-format json}. */
  public CasemateCommand with(String... flags) {
    List<String> more = new ArrayList<>(global);
    more.addAll(List.of(flags));
    return new CasemateCommand(home, scratch, more, environment, preparations);
  }

  /** The same with a variable in the command's own environment. */
  public CasemateCommand withEnvironment(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(environment);
    more.put(name, value);
    return new CasemateCommand(home, scratch, global, more, preparations);
  }

  /**
   * The same on a host that looks different: in a mount namespace of its own, in which these lines
   * of shell have been run. A sandbox that it starts sees the same; verbs that are to find it in
   * the changed places must be run by the same object, as far as mounts of tmpfs are concerned not
   * even those do, since each run makes its own.
   */
  public CasemateCommand onHostWith(String... shell) {
    List<String> more = new ArrayList<>(preparations);
    more.addAll(List.of(shell));
    return new CasemateCommand(home, scratch, global, environment, more);
  }

  /** The same with this text as the host's whole configuration. */
  public CasemateCommand withConfiguration(String toml) {
    try {
      Path file = Files.createTempFile(scratch, "configuration", ".toml");
      Files.writeString(file, toml);
      return onHostWith(
          // Over /etc, since its directory for us need not exist; on tmpfs, which can be a layer
          // wherever the scratch directory is.
          "layer=$(mktemp -d -p " + scratch + ")",
          "mount -t tmpfs layer $layer",
          "mkdir $layer/upper $layer/work",
          "mount -t overlay -o lowerdir=/etc,upperdir=$layer/upper,workdir=$layer/work etc /etc",
          "rm -rf /etc/casemate",
          "mkdir /etc/casemate",
          "cp " + file + " /etc/casemate/configuration.toml");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where state goes. */
  public Path stateDirectory() {
    return scratch.resolve("state");
  }

  /** Runs a verb to its end with nothing on standard input; {@link Await#BOUND} at most. */
  public CommandResult run(String... arguments) {
    return start(arguments).await();
  }

  /** Runs a verb to its end with these bytes on standard input. */
  public CommandResult runWithInput(byte[] input, String... arguments) {
    return start(RunningCommand.input(scratch, input), arguments).await();
  }

  /** Starts a verb with nothing on standard input. */
  public RunningCommand start(String... arguments) {
    return start(RunningCommand.NO_INPUT, arguments);
  }

  /** Starts a verb with a pipe as standard input, see {@link RunningCommand#input()}. */
  public RunningCommand startWithPipe(String... arguments) {
    return start(ProcessBuilder.Redirect.PIPE, arguments);
  }

  private RunningCommand start(ProcessBuilder.Redirect input, String... arguments) {
    return RunningCommand.start(command(arguments), scratch, input, environment);
  }

  /** The words of the command line, for tests that start it in a way of their own. */
  public List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    if (!preparations.isEmpty()) {
      String script = String.join("\n", preparations) + "\nexec \"$@\"";
      command.addAll(
          List.of(
              "unshare", "--mount", "--propagation", "private", "--", "sh", "-ec", script, "sh"));
    }
    command.add(home.resolve("bin/casemate").toString());
    command.addAll(global);
    command.addAll(List.of(arguments));
    return command;
  }
}
