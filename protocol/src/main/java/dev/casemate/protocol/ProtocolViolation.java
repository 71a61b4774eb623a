package dev.casemate.protocol;

import java.io.IOException;

/** The peer sent what no sound peer sends; the connection cannot go on. */
final class ProtocolViolation extends IOException {
  private static final long serialVersionUID = 1L;

  ProtocolViolation(String message) {
    super(message);
  }
}
