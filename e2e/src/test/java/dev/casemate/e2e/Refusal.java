package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.testkit.CommandResult;

/** The one line that a command leaves that could not do what was asked, as JSON. */
final class Refusal {
  private Refusal() {}

  /**
   * Checks that a command run with {@code --log-format json} failed as it must: with that exit
   * code, with nothing on standard output, and with a last line on standard error that carries the
   * error's code and says what was tried, why it failed and what to do.
   *
   * @param words each must be in the text
   */
  static void check(CommandResult result, int exitCode, ErrorCode code, String... words) {
    result.mustExit(exitCode);
    assertThat(result.text()).as("standard output of %s", result).isEmpty();
    checkLine(result.errors().lines().reduce("", (first, last) -> last), code, words);
  }

  /** The same of a line that was found in a log file. */
  static void checkLine(String line, ErrorCode code, String... words) {
    JsonCursor at = JsonCursor.of(Json.parseObject(line, "log line", JsonLimits.SMALL), line);
    assertThat(at.text("level")).isEqualTo("error");
    assertThat(at.text("msg"))
        .as("what was tried, why it failed, what to do")
        .matches("(?s)cannot .+: .+; .+")
        .satisfies(text -> assertThat(words).allSatisfy(word -> assertThat(text).contains(word)));
    assertThat(at.text("code")).as(line).isEqualTo(code.name());
    assertThat(at.text("time")).matches("[-0-9]{10}T[:0-9]{8}Z");
  }
}
