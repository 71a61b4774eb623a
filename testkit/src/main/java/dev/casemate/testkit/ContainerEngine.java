package dev.casemate.testkit;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A program for people that runs containers, with a choice of runtimes: Docker or Podman. */
public interface ContainerEngine {

  /** The runtime under test, for {@code --runtime}. */
  String CASEMATE = "casemate";

  /** What it is measured by. */
  String RUNC = "runc";

  /** The words of the command line, for tests that start it in a way of their own. */
  List<String> command(String... arguments);

  /**
   * The words that make a container with a runtime.
   *
   * @param verb {@code run} or {@code create}
   */
  String[] on(String runtime, String verb, String... arguments);

  /** Where the test's own configuration and storage are. */
  Path directory();

  /** Starts a command with nothing on standard input. */
  default RunningCommand start(String... arguments) {
    return RunningCommand.start(command(arguments), directory(), RunningCommand.NO_INPUT, Map.of());
  }

  /** Runs a command to its end with these bytes on standard input; {@link Await#BOUND} at most. */
  default CommandResult runWithInput(byte[] input, String... arguments) {
    return RunningCommand.start(
            command(arguments), directory(), RunningCommand.input(directory(), input), Map.of())
        .await();
  }

  /** Runs a command to its end with nothing on standard input; {@link Await#BOUND} at most. */
  default CommandResult run(String... arguments) {
    return start(arguments).await();
  }

  /** What containers that are gone have left in the engine's directories and control groups. */
  List<String> leftovers();
}
