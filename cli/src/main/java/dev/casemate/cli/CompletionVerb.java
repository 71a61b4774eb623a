package dev.casemate.cli;

import dev.casemate.cli.line.Completion;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;

/** {@code completion}, hidden: prints the completion script of a shell. */
final class CompletionVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    String shell = invocation.line().arguments().get(0);
    invocation.output().print(script(shell));
    return 0;
  }

  private static String script(String shell) {
    return switch (shell) {
      case "bash" -> Completion.bash();
      case "zsh" -> Completion.zsh();
      case "fish" -> Completion.fish();
      default ->
          throw new CasemateException(
              ErrorCode.INVALID_ARGUMENT,
              "print a completion script",
              "'" + shell + "' is none of bash, zsh, fish",
              "");
    };
  }
}
