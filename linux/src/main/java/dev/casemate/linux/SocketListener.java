package dev.casemate.linux;

import java.util.Optional;

/** A listening socket of any family whose {@code accept} another thread can end. */
final class SocketListener implements AutoCloseable {
  private final Descriptor descriptor;
  private final Wakeup stop = new Wakeup();
  private final String subject;

  /** Takes the ownership of a bound and listening, non-blocking socket. */
  SocketListener(Descriptor descriptor, String subject) {
    this.descriptor = descriptor;
    this.subject = subject;
  }

  Descriptor descriptor() {
    return descriptor;
  }

  /** Waits for a connection; empty once this was closed. */
  Optional<Descriptor> accept() {
    try {
      while (Poll.awaitEither(descriptor, Poll.READ, stop)) {
        int fd = descriptor.acquire("accept4");
        try {
          int connection = SocketCalls.accept4(fd, subject);
          if (connection >= 0) {
            return Optional.of(Descriptor.adopt(connection));
          }
        } finally {
          descriptor.release();
        }
      }
      return Optional.empty();
    } catch (LinuxException e) {
      if (descriptor.isOpen()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    if (descriptor.isOpen()) {
      stop.signal();
      descriptor.close();
      stop.close();
    }
  }
}
