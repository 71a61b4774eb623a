package dev.casemate.cli;

import dev.casemate.host.state.DiskSpace;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The file of {@code --pid-file}; an engine that sees it sees it whole. */
final class PidFile {
  private PidFile() {}

  /** Writes the pid in decimal digits without a line break, beside the file, then renames. */
  static void write(String file, long pid) {
    Path target = Path.of(file).toAbsolutePath();
    Path name = target.getFileName();
    Path temporary = target.resolveSibling("." + name);
    try {
      Files.write(temporary, Long.toString(pid).getBytes(StandardCharsets.UTF_8));
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      discard(temporary);
      throw DiskSpace.explain(
          new CasemateException(
              failure instanceof NoSuchFileException
                  ? ErrorCode.INVALID_ARGUMENT
                  : ErrorCode.HOST_UNFIT,
              "write the pid file " + file,
              String.valueOf(failure),
              "name a file in a directory that exists and can be written",
              failure),
          List.of(temporary));
    }
  }

  private static void discard(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException _) {
      // The failure that is about to be told comes first.
    }
  }
}
