package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code rehearse}, hidden: what the build runs to record which classes a command or a monitor
 * needs, for their AOT caches. Leaves nothing behind.
 */
final class RehearseVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    String what = invocation.line().arguments().get(0);
    try {
      switch (what) {
        case "cli" -> new CommandRehearsal(invocation.environment()).run();
        case "monitor" -> new MonitorRehearsal(Installation.home().resolve("lib")).run();
        default ->
            throw new CasemateException(
                ErrorCode.INVALID_ARGUMENT, "rehearse", "'" + what + "' is not cli or monitor", "");
      }
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "rehearse " + what,
          String.valueOf(failure.getMessage()),
          "",
          failure);
    }
    return 0;
  }

  /** A directory for a rehearsal. */
  static Path temporary() throws IOException {
    return Files.createTempDirectory("casemate-rehearsal-");
  }
}
