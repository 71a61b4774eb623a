package dev.casemate.linux.netlink;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An address of an interface.
 *
 * @param link the interface's index
 * @param address IPv4 or IPv6
 * @param prefixLength how many bits name the network: 0 to 32 or 128
 * @param peer the address at the other end of a point-to-point link; null for none
 * @param broadcast IPv4 only; null for none
 * @param scope how far the address is valid; the kernel decides for IPv6
 * @param prefixRoute whether the kernel keeps a route to the address's network
 */
public record InterfaceAddress(
    int link,
    InetAddress address,
    int prefixLength,
    @Nullable InetAddress peer,
    @Nullable InetAddress broadcast,
    Route.Scope scope,
    boolean prefixRoute) {
  /** Checks the prefix length and that all addresses are of one family. */
  public InterfaceAddress {
    Objects.requireNonNull(address, "address is null");
    Objects.requireNonNull(scope, "scope is null");
    Attributes.checkPrefix(address, prefixLength);
    if (Attributes.isOther(address, peer) || Attributes.isOther(address, broadcast)) {
      throw new IllegalArgumentException("an address mixes IPv4 and IPv6");
    }
  }

  /** An address with nothing beside it, of the scope that its bits tell. */
  public InterfaceAddress(int link, InetAddress address, int prefixLength) {
    this(link, address, prefixLength, null, null, usualScope(address), true);
  }

  private static Route.Scope usualScope(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return Route.Scope.HOST;
    }
    return address instanceof Inet6Address && address.isLinkLocalAddress()
        ? Route.Scope.LINK
        : Route.Scope.UNIVERSE;
  }
}
