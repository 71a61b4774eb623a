package dev.casemate.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How a command ended.
 *
 * @param command what was run
 * @param exitCode 0 to 255; 128 + n when signal n ended it
 * @param output the bytes on its standard output, up to the moment of its exit
 * @param errors its standard error as text, up to the moment of its exit
 */
// An array, since tests pipe 100 MB; results are not compared.
@SuppressWarnings("ArrayRecordComponent")
public record CommandResult(List<String> command, int exitCode, byte[] output, String errors) {

  /** Copies the command; the output is shared and must not be changed. */
  public CommandResult {
    command = List.copyOf(command);
  }

  /** The standard output as text. */
  public String text() {
    return new String(output, StandardCharsets.UTF_8);
  }

  /**
   * Returns this if the command succeeded.
   *
   * @throws AssertionError with everything it printed, otherwise
   */
  public CommandResult mustSucceed() {
    return mustExit(0);
  }

  /**
   * Returns this if the command ended with the code.
   *
   * @throws AssertionError with everything it printed, otherwise
   */
  public CommandResult mustExit(int code) {
    if (exitCode != code) {
      throw new AssertionError("Expected exit code " + code + " of " + this);
    }
    return this;
  }

  @Override
  public String toString() {
    return String.join(" ", command)
        + "\nexit code: "
        + exitCode
        + "\nstdout: "
        + text()
        + "\nstderr: "
        + errors;
  }
}
