package dev.casemate.linux.netlink;

import java.net.InetAddress;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A route.
 *
 * @param destination where to; the unspecified address ({@code 0.0.0.0} or {@code ::}) with prefix
 *     length 0 is the default route
 * @param prefixLength how many bits of the destination count: 0 to 32 or 128
 * @param kind what happens to packets
 * @param gateway the next hop, for IPv4 of either family; null when the destination is on the link
 * @param link the index of the interface; 0 to let the kernel find it by the gateway
 * @param source the address to send from; null for the kernel's choice
 * @param scope how far away the destination is
 * @param metric the lower, the better; 0 for the kernel's default; 32 bits
 * @param metrics numbers by their {@code RTAX_} number, such as {@link #MTU}
 * @param onLink whether the gateway is on the link although no address says so
 * @param table which routing table it is in; 32 bits
 * @param protocol who made it, {@code RTPROT_}: 0 to 255
 * @param typeOfService the IPv4 packets that it is for; 0 for all
 * @param partial whether the kernel's route has more to it than is said here: several next hops, an
 *     encapsulation; such a route cannot be set
 */
public record Route(
    InetAddress destination,
    int prefixLength,
    Kind kind,
    @Nullable InetAddress gateway,
    int link,
    @Nullable InetAddress source,
    Scope scope,
    long metric,
    Map<Integer, Integer> metrics,
    boolean onLink,
    long table,
    int protocol,
    int typeOfService,
    boolean partial) {

  /** The table of routes that nobody put elsewhere. */
  public static final long MAIN_TABLE = 254;

  /** The table of the addresses of this host, which the kernel keeps. */
  public static final long LOCAL_TABLE = 255;

  /** The number of the metric for the biggest packet, in bytes. */
  public static final int MTU = 2;

  private static final int RTPROT_STATIC = 4;
  private static final long UNSIGNED = 0xffffffffL;

  /** What happens to packets: {@code RTN_}. */
  public enum Kind {
    /** They go to the gateway or the link. */
    UNICAST(1),
    /** They vanish. */
    BLACKHOLE(6),
    /** The sender hears that nobody is there. */
    UNREACHABLE(7),
    /** The sender hears that it may not. */
    PROHIBIT(8),
    /** The search goes on in the next table. */
    THROW(9);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    /** The kernel's number. */
    public int number() {
      return number;
    }

    /** The kind with this number, or null for one of those that the kernel makes by itself. */
    public static @Nullable Kind of(int number) {
      for (Kind kind : values()) {
        if (kind.number == number) {
          return kind;
        }
      }
      return null;
    }
  }

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
    Objects.requireNonNull(kind, "kind is null");
    Objects.requireNonNull(scope, "scope is null");
    metrics = Map.copyOf(metrics);
    Attributes.checkPrefix(destination, prefixLength);
    if (metric < 0 || metric > UNSIGNED || link < 0) {
      throw new IllegalArgumentException("link or metric of a route is out of range");
    }
    if (table < 0 || table > UNSIGNED || protocol < 0 || protocol > 255) {
      throw new IllegalArgumentException("table or protocol of a route is out of range");
    }
    boolean viaOther = Attributes.isOther(destination, gateway);
    if (Attributes.isOther(destination, source)
        || (viaOther && Attributes.family(destination) == Attributes.AF_INET6)) {
      throw new IllegalArgumentException("a route mixes IPv4 and IPv6");
    }
  }

  /** The biggest packet on this route, in bytes; 0 for the interface's. */
  public int mtu() {
    return metrics.getOrDefault(MTU, 0);
  }

  /** Whether it is the route of last resort. */
  public boolean isDefault() {
    return prefixLength == 0;
  }

  /** Begins a static unicast route of the main table. */
  public static Builder to(InetAddress destination, int prefixLength) {
    return new Builder(destination, prefixLength);
  }

  /** The default route of the gateway's family. */
  public static Route defaultVia(InetAddress gateway, int link) {
    return to(Attributes.unspecified(gateway), 0).via(gateway).link(link).build();
  }

  /** A route to a network on the link. */
  public static Route onLink(InetAddress destination, int prefixLength, int link) {
    return to(destination, prefixLength).link(link).scope(Scope.LINK).build();
  }

  /** Collects what a route is. */
  public static final class Builder {
    private final InetAddress destination;
    private final int prefixLength;
    private Kind kind = Kind.UNICAST;
    private @Nullable InetAddress gateway;
    private int link;
    private @Nullable InetAddress source;
    private Scope scope = Scope.UNIVERSE;
    private long metric;
    private Map<Integer, Integer> metrics = Map.of();
    private boolean onLink;
    private long table = MAIN_TABLE;
    private int protocol = RTPROT_STATIC;
    private int typeOfService;
    private boolean partial;

    private Builder(InetAddress destination, int prefixLength) {
      this.destination = destination;
      this.prefixLength = prefixLength;
    }

    /** See {@link Route#kind}. */
    public Builder kind(Kind value) {
      kind = value;
      return this;
    }

    /** See {@link Route#gateway}. */
    public Builder via(@Nullable InetAddress value) {
      gateway = value;
      return this;
    }

    /** See {@link Route#link}. */
    public Builder link(int value) {
      link = value;
      return this;
    }

    /** See {@link Route#source}. */
    public Builder source(@Nullable InetAddress value) {
      source = value;
      return this;
    }

    /** See {@link Route#scope}. */
    public Builder scope(Scope value) {
      scope = value;
      return this;
    }

    /** See {@link Route#metric}. */
    public Builder metric(long value) {
      metric = value;
      return this;
    }

    /** See {@link Route#metrics}. */
    public Builder metrics(Map<Integer, Integer> value) {
      metrics = value;
      return this;
    }

    /** Sets no metric but the biggest packet, in bytes; 0 for none. */
    public Builder mtu(int value) {
      metrics = value == 0 ? Map.of() : Map.of(MTU, value);
      return this;
    }

    /** See {@link Route#onLink}. */
    public Builder onLink(boolean value) {
      onLink = value;
      return this;
    }

    /** See {@link Route#table}. */
    public Builder table(long value) {
      table = value;
      return this;
    }

    /** See {@link Route#protocol}. */
    public Builder protocol(int value) {
      protocol = value;
      return this;
    }

    /** See {@link Route#typeOfService}. */
    public Builder typeOfService(int value) {
      typeOfService = value;
      return this;
    }

    Builder partial(boolean value) {
      partial = value;
      return this;
    }

    /** The route. */
    public Route build() {
      return new Route(
          destination,
          prefixLength,
          kind,
          gateway,
          link,
          source,
          scope,
          metric,
          metrics,
          onLink,
          table,
          protocol,
          typeOfService,
          partial);
    }
  }
}
