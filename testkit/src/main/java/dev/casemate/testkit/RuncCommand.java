package dev.casemate.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs runc, the measure of how a bundle behaves, with a state directory of the test's own.
 * Immutable but for the files it writes outputs to.
 */
public final class RuncCommand {

  private final Path scratch;

  private RuncCommand(Path scratch) {
    this.scratch = scratch;
  }

  /**
   * The runc of this machine.
   *
   * @param scratch a directory that lives as long as the test; state goes to {@code scratch/runc}
   */
  public static RuncCommand in(Path scratch) {
    return new RuncCommand(scratch);
  }

  /** Runs a verb to its end with nothing on standard input; {@link Await#BOUND} at most. */
  public CommandResult run(String... arguments) {
    return start(arguments).await();
  }

  /** Starts a verb with nothing on standard input. */
  public RunningCommand start(String... arguments) {
    return start(RunningCommand.NO_INPUT, arguments);
  }

  /** Runs a verb to its end with these bytes on standard input. */
  public CommandResult runWithInput(byte[] input, String... arguments) {
    return start(RunningCommand.input(scratch, input), arguments).await();
  }

  private RunningCommand start(ProcessBuilder.Redirect input, String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("runc", "--root", scratch.resolve("runc").toString()));
    command.addAll(List.of(arguments));
    return RunningCommand.start(command, scratch, input, Map.of());
  }
}
