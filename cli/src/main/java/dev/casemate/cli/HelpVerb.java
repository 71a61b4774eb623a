package dev.casemate.cli;

import dev.casemate.cli.line.CommandLine;
import dev.casemate.cli.line.Help;
import dev.casemate.host.Version;
import java.util.List;
import java.util.Objects;

/** {@code help}: of the program or of one verb. */
final class HelpVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    List<String> arguments = invocation.line().arguments();
    if (arguments.isEmpty()) {
      invocation.output().print(Help.program(Version.current().lines()));
    } else {
      // An unknown name fails here as it does where a verb is expected.
      CommandLine named = CommandLine.parse(new String[] {arguments.get(0), "--help"});
      invocation.output().print(Help.verb(Objects.requireNonNull(named.spec(), "spec is null")));
    }
    return 0;
  }
}
