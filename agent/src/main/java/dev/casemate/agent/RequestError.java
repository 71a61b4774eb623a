package dev.casemate.agent;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Short ways to the errors that requests end with. */
final class RequestError {
  private RequestError() {}

  static CasemateException invalid(String tried, String why) {
    return new CasemateException(ErrorCode.INVALID_ARGUMENT, tried, why, "");
  }

  static CasemateException notFound(String tried, String why) {
    return new CasemateException(ErrorCode.NOT_FOUND, tried, why, "");
  }

  static CasemateException wrongState(String tried, String why) {
    return new CasemateException(ErrorCode.WRONG_STATE, tried, why, "");
  }

  static CasemateException alreadyExists(String tried, String why) {
    return new CasemateException(ErrorCode.ALREADY_EXISTS, tried, why, "");
  }

  static CasemateException unsupported(String tried, String why) {
    return new CasemateException(ErrorCode.UNSUPPORTED, tried, why, "");
  }

  static CasemateException exhausted(String tried, String why) {
    return new CasemateException(ErrorCode.EXHAUSTED, tried, why, "");
  }

  /** What the guest's kernel or file system refused. */
  static CasemateException failed(String tried, Throwable cause) {
    return new CasemateException(ErrorCode.HOST_UNFIT, tried, reason(cause), "", cause);
  }

  static CasemateException timedOut(String tried, String why) {
    return new CasemateException(ErrorCode.TIMED_OUT, tried, why, "");
  }

  /** The text of a failure, its class where it has none. */
  static String reason(Throwable failure) {
    @Nullable String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }
}
