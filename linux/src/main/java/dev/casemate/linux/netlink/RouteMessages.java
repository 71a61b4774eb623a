package dev.casemate.linux.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code struct rtmsg} and its attributes: {@code include/uapi/linux/rtnetlink.h}. */
final class RouteMessages {
  static final int NEW = 24;
  static final int DELETE = 25;
  static final int GET = 26;

  private static final int RTA_DST = 1;
  private static final int RTA_SRC = 2;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PRIORITY = 6;
  private static final int RTA_PREFSRC = 7;
  private static final int RTA_METRICS = 8;
  private static final int RTA_MULTIPATH = 9;
  private static final int RTA_FLOW = 11;
  private static final int RTA_TABLE = 15;
  private static final int RTA_VIA = 18;
  private static final int RTA_ENCAP_TYPE = 21;
  private static final int RTAX_CC_ALGO = 16;
  private static final int RTNH_F_ONLINK = 4;
  private static final int RT_TABLE_UNSPEC = 0;
  private static final int RTM_F_CLONED = 0x200;
  private static final int RTMSG_BYTES = 12;
  private static final int BYTE = 0xff;

  private RouteMessages() {}

  static byte[] all(int family) {
    return new Attributes.Builder().u8(family).u8(0).u16(0).u32(0).u32(0).build();
  }

  /** The route, or null for one of those that the kernel keeps by itself. */
  static @Nullable Route parse(int family, ByteBuffer body) {
    Attributes attributes = Attributes.parse(body, RTMSG_BYTES);
    Route.Kind kind = Route.Kind.of(Byte.toUnsignedInt(body.get(7)));
    int flags = body.getInt(8);
    long table =
        attributes.has(RTA_TABLE)
            ? attributes.unsigned(RTA_TABLE)
            : Byte.toUnsignedInt(body.get(4));
    if (kind == null
        || table == Route.LOCAL_TABLE
        || (flags & RTM_F_CLONED) != 0
        // A kernel without IPv6 answers with the routes that it has.
        || body.get(0) != family) {
      return null;
    }
    InetAddress destination = attributes.address(RTA_DST);
    boolean unicast = kind == Route.Kind.UNICAST;
    InetAddress gateway = attributes.address(RTA_GATEWAY);
    return Route.to(
            destination == null ? Attributes.unspecified(family) : destination,
            Byte.toUnsignedInt(body.get(1)))
        .kind(kind)
        .via(gateway == null ? attributes.addressOfAnyFamily(RTA_VIA) : gateway)
        // Others than unicast ones name the loopback interface in IPv6.
        .link(unicast ? attributes.number(RTA_OIF) : 0)
        .source(attributes.address(RTA_PREFSRC))
        .scope(Route.Scope.of(Byte.toUnsignedInt(body.get(6))))
        .metric(attributes.unsigned(RTA_PRIORITY))
        .metrics(metrics(attributes.nested(RTA_METRICS)))
        .onLink((flags & RTNH_F_ONLINK) != 0)
        .table(table)
        .protocol(Byte.toUnsignedInt(body.get(5)))
        .typeOfService(Byte.toUnsignedInt(body.get(3)))
        .partial(
            attributes.has(RTA_MULTIPATH)
                || attributes.has(RTA_ENCAP_TYPE)
                || attributes.has(RTA_SRC)
                || attributes.has(RTA_FLOW))
        .build();
  }

  private static Map<Integer, Integer> metrics(Attributes attributes) {
    Map<Integer, Integer> metrics = new TreeMap<>();
    for (int type : attributes.types()) {
      if (type != RTAX_CC_ALGO) {
        metrics.put(type, attributes.number(type));
      }
    }
    return metrics;
  }

  static byte[] of(Route route) {
    if (route.partial()) {
      throw new IllegalArgumentException("it is not all known what this route is: " + route);
    }
    int family = Attributes.family(route.destination());
    Attributes.Builder request =
        new Attributes.Builder()
            .u8(family)
            .u8(route.prefixLength())
            .u8(0)
            .u8(route.typeOfService())
            .u8(route.table() > BYTE ? RT_TABLE_UNSPEC : (int) route.table())
            .u8(route.protocol())
            .u8(route.scope().number())
            .u8(route.kind().number())
            .u32(route.onLink() ? RTNH_F_ONLINK : 0)
            .attribute(RTA_TABLE, (int) route.table());
    if (!route.isDefault()) {
      request.attribute(RTA_DST, route.destination());
    }
    addGateway(request, family, route.gateway());
    InetAddress source = route.source();
    if (source != null) {
      request.attribute(RTA_PREFSRC, source);
    }
    if (route.link() != 0) {
      request.attribute(RTA_OIF, route.link());
    }
    if (route.metric() != 0) {
      request.attribute(RTA_PRIORITY, (int) route.metric());
    }
    if (!route.metrics().isEmpty()) {
      Attributes.Builder metrics = new Attributes.Builder();
      new TreeMap<>(route.metrics()).forEach(metrics::attribute);
      request.attribute(RTA_METRICS, metrics);
    }
    return request.build();
  }

  private static void addGateway(
      Attributes.Builder request, int family, @Nullable InetAddress gateway) {
    if (gateway == null) {
      return;
    }
    int its = Attributes.family(gateway);
    if (its == family) {
      request.attribute(RTA_GATEWAY, gateway);
    } else {
      byte[] via = new byte[Short.BYTES + gateway.getAddress().length];
      ByteBuffer.wrap(via)
          .order(java.nio.ByteOrder.nativeOrder())
          .putShort((short) its)
          .put(gateway.getAddress());
      request.attribute(RTA_VIA, via);
    }
  }
}
