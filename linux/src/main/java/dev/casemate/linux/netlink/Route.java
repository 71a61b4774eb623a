package dev.casemate.linux.netlink;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A unicast route of the main table.
 *
 * @param destination where to; the unspecified address ({@code 0.0.0.0} or {@code ::}) with prefix
 *     length 0 is the default route
 * @param prefixLength how many bits of the destination count: 0 to 32 or 128
 * @param gateway the next hop; null when the destination is on the link
 * @param link the index of the interface; 0 to let the kernel find it by the gateway
 * @param source the address to send from; null for the kernel's choice
 * @param scope how far away the destination is
 * @param metric the lower, the better; 0 for the kernel's default
 * @param mtu the biggest packet on this route, in bytes; 0 for the interface's
 * @param onLink whether the gateway is on the link although no address says so
 */
public record Route(
    InetAddress destination,
    int prefixLength,
    @Nullable InetAddress gateway,
    int link,
    @Nullable InetAddress source,
    Scope scope,
    long metric,
    int mtu,
    boolean onLink) {

  /** How far away a destination is: {@code rt_scope_t}. */
  public enum Scope {
    /** Anywhere. */
    UNIVERSE(0),
    /** Within the site; IPv6 only. */
    SITE(200),
    /** On the link. */
    LINK(253),
    /** This host. */
    HOST(254);

    private final int number;

    Scope(int number) {
      this.number = number;
    }

    /** The kernel's number. */
    public int number() {
      return number;
    }

    /** The scope with this number; numbers in between mean {@link #UNIVERSE} to us. */
    public static Scope of(int number) {
      for (Scope scope : values()) {
        if (scope.number == number) {
          return scope;
        }
      }
      return UNIVERSE;
    }
  }

  /** Checks ranges and that all addresses are of one family. */
  public Route {
    Objects.requireNonNull(destination, "destination is null");
    Objects.requireNonNull(scope, "scope is null");
    Attributes.checkPrefix(destination, prefixLength);
    if (metric < 0 || metric > 0xffffffffL || mtu < 0 || link < 0) {
      throw new IllegalArgumentException("link, metric or mtu of a route is out of range");
    }
    if (isOther(destination, gateway) || isOther(destination, source)) {
      throw new IllegalArgumentException("a route mixes IPv4 and IPv6");
    }
  }

  /** The default route of the gateway's family. */
  public static Route defaultVia(InetAddress gateway, int link) {
    return new Route(
        Attributes.unspecified(gateway), 0, gateway, link, null, Scope.UNIVERSE, 0, 0, false);
  }

  /** A route to a network on the link. */
  public static Route onLink(InetAddress destination, int prefixLength, int link) {
    return new Route(destination, prefixLength, null, link, null, Scope.LINK, 0, 0, false);
  }

  /** Whether it is the route of last resort. */
  public boolean isDefault() {
    return prefixLength == 0;
  }

  private static boolean isOther(InetAddress address, @Nullable InetAddress other) {
    return other != null && other.getAddress().length != address.getAddress().length;
  }
}
