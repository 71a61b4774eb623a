package dev.casemate.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An error with its code and the three things a person needs: what was tried, why it failed, what
 * to do. Unchecked, since it passes through every floor of the house unchanged.
 */
public final class CasemateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String tried;
  private final String why;
  private final String advice;

  /**
   * An error without a cause.
   *
   * @param tried what was tried, as a clause: {@code "create container c1"}
   * @param why why it failed: {@code "the bundle /b has no config.json"}
   * @param advice what to do, or an empty text when there is nothing to add
   */
  public CasemateException(ErrorCode code, String tried, String why, String advice) {
    this(code, tried, why, advice, null);
  }

  /** The same, with the failure that it stands for. */
  public CasemateException(
      ErrorCode code, String tried, String why, String advice, @Nullable Throwable cause) {
    super(text(tried, why, advice), cause);
    this.code = Objects.requireNonNull(code, "code is null");
    this.tried = tried;
    this.why = why;
    this.advice = advice;
  }

  private static String text(String tried, String why, String advice) {
    String head = "cannot " + tried + ": " + why;
    return advice.isEmpty() ? head : head + "; " + advice;
  }

  /** The kind of error. */
  public ErrorCode code() {
    return code;
  }

  /** What was tried. */
  public String tried() {
    return tried;
  }

  /** Why it failed. */
  public String why() {
    return why;
  }

  /** What to do, empty when there is nothing to add. */
  public String advice() {
    return advice;
  }
}
