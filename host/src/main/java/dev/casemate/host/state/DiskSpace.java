package dev.casemate.host.state;

import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Tells a full file system, which shows as a failure of whatever wrote next: a socket, a program's
 * start, a directory. Asked before anything is undone, since undoing makes room.
 */
public final class DiskSpace {
  private DiskSpace() {}

  /**
   * The same failure, or EXHAUSTED where the host or a helper failed and one of the places is full.
   *
   * @param places what was written to; need not exist
   */
  public static CasemateException explain(CasemateException failure, List<Path> places) {
    return switch (failure.code()) {
      case HOST_UNFIT, HELPER_DIED ->
          places.stream()
              .filter(DiskSpace::isFull)
              .findFirst()
              .map(full ->
                  new CasemateException(
                      ErrorCode.EXHAUSTED,
                      failure.tried(),
                      "the file system of " + full + " is full: " + failure.why(),
                      "free some space",
                      failure))
              .orElse(failure);
      case INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          WRONG_STATE,
          UNSUPPORTED,
          EXEC_FAILED,
          HOOK_FAILED,
          GUEST_IMAGE,
          VMM_DIED,
          GUEST_PANIC,
          AGENT_SILENT,
          EXHAUSTED,
          TIMED_OUT,
          CANCELLED,
          BUG,
          PROTOCOL ->
          failure;
    };
  }

  /** Whether the file system that a path is on, or would be, has no block or no inode left. */
  static boolean isFull(Path where) {
    Path existing = where;
    while (existing.getParent() != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    try {
      return Filesystem.fileSystem(existing.toString()).isFull();
    } catch (LinuxException unknown) {
      return false;
    }
  }
}
