package dev.casemate.core;

import java.time.Instant;
import java.util.Optional;

/**
 * How a process ended.
 *
 * @param code 0 to 255, 128+n for signal n
 * @param reason why, when it was not the process's own doing: a dead VMM, a silent agent
 */
public record ExitStatus(int code, Instant at, Optional<String> reason) {
  /** What a process gets whose machine died: as if by SIGKILL. */
  public static final int MACHINE_DIED = 137;

  private static final int MOST = 255;

  /** Checks the range. */
  public ExitStatus {
    if (code < 0 || code > MOST) {
      throw new IllegalArgumentException("exit code " + code + " is not within 0 to " + MOST);
    }
  }
}
