package dev.casemate.shim;

import dev.casemate.protocol.StatusCode;
import dev.casemate.protocol.TtrpcException;

/**
 * Errors that containerd and its clients decide on: by the status, and in places by the text that
 * containerd's own shim uses, so that text is used here, too.
 */
final class TaskErrors {
  private TaskErrors() {}

  /** A container that this shim does not have. */
  static TtrpcException noContainer(String id) {
    return new TtrpcException(
        StatusCode.NOT_FOUND, "container " + id + " does not exist in this pod: not found");
  }

  /** A further process that the container does not have. */
  static TtrpcException noProcess(String exec) {
    return new TtrpcException(
        StatusCode.NOT_FOUND, "process does not exist " + exec + ": not found");
  }

  /** A signal to what has ended; who stops a container takes it for success. */
  static TtrpcException finished() {
    return new TtrpcException(StatusCode.NOT_FOUND, "process already finished: not found");
  }

  /** A request in the wrong order. */
  static TtrpcException precondition(String what) {
    return new TtrpcException(StatusCode.FAILED_PRECONDITION, what + ": failed precondition");
  }

  /** A name that is taken. */
  static TtrpcException exists(String what) {
    return new TtrpcException(StatusCode.ALREADY_EXISTS, what + ": already exists");
  }
}
