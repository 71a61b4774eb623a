package dev.casemate.core;

/** Connects to servers in the guest. Thread-safe. */
@FunctionalInterface
public interface GuestDialer {
  /**
   * Connects to a TCP server on the guest's loopback interface.
   *
   * @param address a loopback address, 4 or 16 bytes in network order
   * @param port 1 to 65535
   * @throws dev.casemate.model.CasemateException when nobody listens there, or too many connections
   *     are open
   */
  GuestConnection dial(byte[] address, int port);
}
