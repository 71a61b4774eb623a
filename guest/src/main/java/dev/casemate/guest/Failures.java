package dev.casemate.guest;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** The errors of a build, worded in one place. Stateless. */
final class Failures {
  // Below this a failed write is taken for a full disk: no tool writes less than a few blocks.
  private static final long FULL_BYTES = 4L << 20;

  private Failures() {}

  /** A program or permission that the host must provide is missing. */
  static CasemateException host(String tried, String why, String advice) {
    return new CasemateException(ErrorCode.HOST_UNFIT, tried, why, advice);
  }

  /** An input or product of the build is not what it must be. */
  static CasemateException image(String tried, String why, String advice) {
    return new CasemateException(ErrorCode.GUEST_IMAGE, tried, why, advice);
  }

  /** Reading or writing failed; says so when the disk is full. */
  static CasemateException io(String tried, Path where, IOException cause) {
    String why = cause.getClass().getSimpleName() + ": " + cause.getMessage();
    if (isFull(where)) {
      return new CasemateException(
          ErrorCode.EXHAUSTED,
          tried,
          "no space is left where " + where + " lies (" + why + ")",
          "free some, or name another place with --cache",
          cause);
    }
    return new CasemateException(
        ErrorCode.HOST_UNFIT, tried, why, "check " + where + " and its permissions", cause);
  }

  /** Whether the file system that holds a path has no room left. */
  static boolean isFull(Path where) {
    try {
      return storeOf(where).getUsableSpace() < FULL_BYTES;
    } catch (IOException unknown) {
      return false;
    }
  }

  /** Fails unless the file system that holds a path has the room. */
  static void requireSpace(Path where, long bytes, String purpose) {
    try {
      long usable = storeOf(where).getUsableSpace();
      if (usable < bytes) {
        throw new CasemateException(
            ErrorCode.EXHAUSTED,
            purpose,
            where + " has " + (usable >> 20) + " MiB free and " + (bytes >> 20) + " are needed",
            "free some, or name another place with --cache");
      }
    } catch (IOException e) {
      throw io(purpose, where, e);
    }
  }

  private static FileStore storeOf(Path where) throws IOException {
    Path existing = where.toAbsolutePath();
    while (!Files.exists(existing)) {
      Path parent = existing.getParent();
      if (parent == null) {
        break;
      }
      existing = parent;
    }
    return Files.getFileStore(existing);
  }
}
