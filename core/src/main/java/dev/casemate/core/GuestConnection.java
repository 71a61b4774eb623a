package dev.casemate.core;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * A connection to a server in the guest. Reading and writing are independent, each is one thread's;
 * both end with an exception when the connection breaks.
 */
public interface GuestConnection extends AutoCloseable {
  /** What the server sends; a read takes what is there. */
  InputStream input();

  /** What the server receives; closing it tells the server that there is no more. */
  OutputStream output();

  /** Breaks the connection: the server finds that its client is gone. Wakes who reads or writes. */
  void reset();

  /** Ends the connection, after which nothing of it is left in the guest. */
  @Override
  void close();
}
