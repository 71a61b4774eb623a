package dev.casemate.protocol;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call that failed: a status from the peer, a deadline, or a connection that ended. Decide on
 * {@link #status()} and {@link #errorCode()}, never on the text, which the peer chose.
 */
public final class TtrpcException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final StatusCode status;
  private final transient @Nullable ErrorReport report;

  /** A failure without Casemate's own detail. */
  public TtrpcException(StatusCode status, String message) {
    this(status, message, null, null);
  }

  /** The same, with the failure that it stands for. */
  public TtrpcException(StatusCode status, String message, @Nullable Throwable cause) {
    this(status, message, null, cause);
  }

  TtrpcException(
      StatusCode status, String message, @Nullable ErrorReport report, @Nullable Throwable cause) {
    super(message, cause);
    this.status = Objects.requireNonNull(status, "status is null");
    if (status == StatusCode.OK) {
      throw new IllegalArgumentException("a failure cannot have status OK");
    }
    this.report = report;
  }

  /** The same failure with the present thread's stack, for a reason that several threads share. */
  TtrpcException again() {
    return new TtrpcException(status, String.valueOf(getMessage()), report, this);
  }

  /** The canonical status, never {@link StatusCode#OK}. */
  public StatusCode status() {
    return status;
  }

  /** Casemate's own code; empty when the peer is not Casemate, or sent a code from the future. */
  public Optional<ErrorCode> errorCode() {
    return report == null ? Optional.empty() : Optional.of(report.code());
  }

  /** All that a Casemate peer said about the failure; empty as {@link #errorCode()} is. */
  public Optional<ErrorReport> report() {
    return Optional.ofNullable(report);
  }

  /**
   * The same failure in the caller's terms. The peer's own code and reason are kept; without them
   * the status is mapped to the code that is nearest.
   *
   * @param tried what the caller tried, as a clause
   */
  public CasemateException toCasemateException(String tried) {
    if (report != null) {
      return new CasemateException(report.code(), tried, report.why(), report.advice(), this);
    }
    return new CasemateException(nearestCode(), tried, String.valueOf(getMessage()), "", this);
  }

  private ErrorCode nearestCode() {
    return switch (status) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> ErrorCode.INVALID_ARGUMENT;
      case NOT_FOUND -> ErrorCode.NOT_FOUND;
      case ALREADY_EXISTS -> ErrorCode.ALREADY_EXISTS;
      case FAILED_PRECONDITION, ABORTED -> ErrorCode.WRONG_STATE;
      case UNIMPLEMENTED -> ErrorCode.UNSUPPORTED;
      case RESOURCE_EXHAUSTED -> ErrorCode.EXHAUSTED;
      case DEADLINE_EXCEEDED -> ErrorCode.TIMED_OUT;
      case CANCELLED -> ErrorCode.CANCELLED;
      case UNAVAILABLE -> ErrorCode.AGENT_SILENT;
      case OK, UNKNOWN, PERMISSION_DENIED, INTERNAL, DATA_LOSS, UNAUTHENTICATED -> ErrorCode.BUG;
    };
  }
}
