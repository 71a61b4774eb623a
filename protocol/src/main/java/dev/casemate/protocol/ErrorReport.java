package dev.casemate.protocol;

import dev.casemate.model.ErrorCode;
import java.util.Objects;

/**
 * An error as it travels between Casemate's two sides, in the details of a status.
 *
 * @param code the kind of error
 * @param tried what was tried, as a clause
 * @param why why it failed
 * @param advice what to do; may be empty
 * @param errno of the system call that failed, or 0
 */
public record ErrorReport(ErrorCode code, String tried, String why, String advice, int errno) {
  /** Checks the parts. */
  public ErrorReport {
    Objects.requireNonNull(code, "code is null");
    Objects.requireNonNull(tried, "tried is null");
    Objects.requireNonNull(why, "why is null");
    Objects.requireNonNull(advice, "advice is null");
    if (errno < 0) {
      throw new IllegalArgumentException("errno is negative: " + errno);
    }
  }
}
