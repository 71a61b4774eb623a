package dev.casemate.protocol;

import java.util.Optional;

/** One connection of a server. */
public interface TtrpcConnection extends AutoCloseable {
  /** Waits until the connection has ended and its handlers have been told. */
  void awaitClosed() throws InterruptedException;

  /** The connection takes requests. */
  boolean isOpen();

  /** Why the connection ended; empty while it is open and after an orderly end. */
  Optional<TtrpcException> failure();

  /** Ends the connection and cancels what runs on it; again does nothing. */
  @Override
  void close();
}
