package dev.casemate.cli;

import dev.casemate.cli.line.ManPages;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** {@code man}, hidden: writes the manual pages into a directory. */
final class ManVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    Path directory = Path.of(invocation.line().arguments().get(0));
    try {
      Files.createDirectories(directory);
      for (Map.Entry<String, String> page : ManPages.all().entrySet()) {
        Files.writeString(directory.resolve(page.getKey()), page.getValue());
      }
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.EXHAUSTED,
          "write the manual pages to " + directory,
          String.valueOf(failure.getMessage()),
          "",
          failure);
    }
    return 0;
  }
}
