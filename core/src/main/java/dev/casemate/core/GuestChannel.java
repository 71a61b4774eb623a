package dev.casemate.core;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * A byte stream to the guest's agent. Reading and writing are independent; closing ends both and
 * unblocks whoever waits in them.
 */
public interface GuestChannel extends AutoCloseable {
  /** What the guest sends. */
  InputStream input();

  /** What the guest receives. */
  OutputStream output();

  @Override
  void close();
}
