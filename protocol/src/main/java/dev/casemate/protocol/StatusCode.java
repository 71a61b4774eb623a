package dev.casemate.protocol;

/**
 * The canonical status codes (google.rpc.Code) that a response carries; the number is the wire's.
 */
public enum StatusCode {
  /** Done. */
  OK(0),
  /** The caller gave up. */
  CANCELLED(1),
  /** An error that nobody classified. */
  UNKNOWN(2),
  /** The request makes no sense in any state. */
  INVALID_ARGUMENT(3),
  /** The deadline passed. */
  DEADLINE_EXCEEDED(4),
  /** What the request names is not there. */
  NOT_FOUND(5),
  /** What the request would make is there. */
  ALREADY_EXISTS(6),
  /** The caller may not do this. */
  PERMISSION_DENIED(7),
  /** A bound is reached. */
  RESOURCE_EXHAUSTED(8),
  /** The request does not apply to the present state. */
  FAILED_PRECONDITION(9),
  /** Given up because of a concurrent change. */
  ABORTED(10),
  /** Past the end; of a stream of bytes, its end. */
  OUT_OF_RANGE(11),
  /** The peer does not have this service or method. */
  UNIMPLEMENTED(12),
  /** An invariant is broken. */
  INTERNAL(13),
  /** The connection is gone or the service is not ready. */
  UNAVAILABLE(14),
  /** Data is lost. */
  DATA_LOSS(15),
  /** The caller is not known. */
  UNAUTHENTICATED(16);

  private final int number;

  StatusCode(int number) {
    this.number = number;
  }

  /** The number on the wire, 0 to 16. */
  public int number() {
    return number;
  }

  /** The code with this number, {@link #UNKNOWN} for a number that has none. */
  public static StatusCode ofNumber(int number) {
    for (StatusCode code : values()) {
      if (code.number == number) {
        return code;
      }
    }
    return UNKNOWN;
  }
}
