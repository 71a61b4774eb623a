package dev.casemate.linux.netlink;

import java.net.InetAddress;
import java.util.Objects;

/**
 * An address of an interface.
 *
 * @param link the interface's index
 * @param address IPv4 or IPv6
 * @param prefixLength how many bits name the network: 0 to 32 or 128
 */
public record InterfaceAddress(int link, InetAddress address, int prefixLength) {
  /** Checks the prefix length. */
  public InterfaceAddress {
    Objects.requireNonNull(address, "address is null");
    Attributes.checkPrefix(address, prefixLength);
  }
}
