package dev.casemate.linux.netlink;

import dev.casemate.linux.NetlinkSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees and changes the network of the namespace that it was opened in. Changes need {@code
 * CAP_NET_ADMIN}. Each method is one conversation with the kernel.
 */
public final class RouteSocket implements AutoCloseable {
  /** {@code IFNAMSIZ} less the NUL: the longest name of an interface, in bytes. */
  public static final int MAX_NAME_BYTES = 15;

  private static final int RTM_NEWLINK = 16;
  private static final int RTM_DELLINK = 17;
  private static final int RTM_GETLINK = 18;
  private static final int RTM_NEWADDR = 20;
  private static final int RTM_DELADDR = 21;
  private static final int RTM_GETADDR = 22;
  private static final int RTM_NEWROUTE = 24;
  private static final int RTM_DELROUTE = 25;
  private static final int RTM_GETROUTE = 26;
  private static final int RTM_NEWNEIGH = 28;
  private static final int RTM_DELNEIGH = 29;
  private static final int RTM_GETNEIGH = 30;

  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFF_UP = 0x1;
  private static final int IFF_LOOPBACK = 0x8;
  private static final int IFINFOMSG_BYTES = 16;

  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int IFA_F_NODAD = 0x02;
  private static final int IFADDRMSG_BYTES = 8;

  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PRIORITY = 6;
  private static final int RTA_PREFSRC = 7;
  private static final int RTA_METRICS = 8;
  private static final int RTAX_MTU = 2;
  private static final int RTNH_F_ONLINK = 4;
  private static final int RT_TABLE_MAIN = 254;
  private static final int RTPROT_STATIC = 4;
  private static final int RTN_UNICAST = 1;
  private static final int RTM_F_CLONED = 0x200;
  private static final int RTMSG_BYTES = 12;

  private static final int NDA_DST = 1;
  private static final int NDA_LLADDR = 2;
  private static final int NDMSG_BYTES = 12;

  private final NetlinkSocket socket;

  private RouteSocket(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** A socket for the network namespace of the calling thread. */
  public static RouteSocket open() {
    return new RouteSocket(NetlinkSocket.openRoute());
  }

  /** All interfaces. */
  public List<Link> links() {
    List<Link> links = new ArrayList<>();
    byte[] request = new Attributes.Builder().u32(0).u32(0).u32(0).u32(0).build();
    for (ByteBuffer body : socket.ask(RTM_GETLINK, NetlinkSocket.DUMP, request, "all links")) {
      links.add(link(body));
    }
    return List.copyOf(links);
  }

  /** The interface with this name. */
  public Optional<Link> link(String name) {
    return links().stream().filter(link -> link.name().equals(name)).findFirst();
  }

  private static Link link(ByteBuffer body) {
    Attributes attributes = Attributes.parse(body, IFINFOMSG_BYTES);
    int flags = body.getInt(8);
    byte[] hardware = attributes.bytes(IFLA_ADDRESS);
    return new Link(
        body.getInt(4),
        attributes.text(IFLA_IFNAME),
        hardware == null || hardware.length != 6 ? null : MacAddress.of(hardware),
        attributes.number(IFLA_MTU),
        (flags & IFF_UP) != 0,
        (flags & IFF_LOOPBACK) != 0,
        attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND));
  }

  /** Makes a virtual interface of a kind that needs no further options: {@code dummy} or so. */
  public void addLink(String name, String kind) {
    byte[] info = new Attributes.Builder().attribute(IFLA_INFO_KIND, kind).build();
    byte[] request =
        linkHeader(0, 0, 0)
            .attribute(IFLA_IFNAME, checkedName(name))
            .attribute(IFLA_LINKINFO, info)
            .build();
    ask(RTM_NEWLINK, NetlinkSocket.CREATE | NetlinkSocket.EXCLUSIVE, request, "link " + name);
  }

  /** Removes a virtual interface. */
  public void removeLink(int link) {
    ask(RTM_DELLINK, 0, linkHeader(link, 0, 0).build(), "link " + link);
  }

  /** Switches an interface on or off. */
  public void setUp(int link, boolean up) {
    ask(RTM_NEWLINK, 0, linkHeader(link, up ? IFF_UP : 0, IFF_UP).build(), "link " + link);
  }

  /** Sets the biggest packet of an interface, in bytes. */
  public void setMtu(int link, int mtu) {
    byte[] request = linkHeader(link, 0, 0).attribute(IFLA_MTU, mtu).build();
    ask(RTM_NEWLINK, 0, request, "mtu " + mtu + " of link " + link);
  }

  /** Sets the hardware address of an interface; some must be switched off for it. */
  public void setHardwareAddress(int link, MacAddress address) {
    byte[] request = linkHeader(link, 0, 0).attribute(IFLA_ADDRESS, address.bytes()).build();
    ask(RTM_NEWLINK, 0, request, "address " + address + " of link " + link);
  }

  /** Renames an interface; before Linux 6.2 it must be switched off for it. */
  public void rename(int link, String name) {
    byte[] request = linkHeader(link, 0, 0).attribute(IFLA_IFNAME, checkedName(name)).build();
    ask(RTM_NEWLINK, 0, request, "name " + name + " of link " + link);
  }

  private static Attributes.Builder linkHeader(int link, int flags, int change) {
    return new Attributes.Builder().u32(0).u32(link).u32(flags).u32(change);
  }

  private static String checkedName(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > MAX_NAME_BYTES || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the name of an interface has 1 to " + MAX_NAME_BYTES + " bytes");
    }
    return name;
  }

  /** All addresses of all interfaces. */
  public List<InterfaceAddress> addresses() {
    List<InterfaceAddress> addresses = new ArrayList<>();
    byte[] request = new Attributes.Builder().u32(0).u32(0).build();
    for (ByteBuffer body : socket.ask(RTM_GETADDR, NetlinkSocket.DUMP, request, "all addresses")) {
      Attributes attributes = Attributes.parse(body, IFADDRMSG_BYTES);
      // With a peer, IFA_ADDRESS is the peer's; IPv6 has no IFA_LOCAL without one.
      InetAddress local = attributes.address(IFA_LOCAL);
      InetAddress address = local == null ? attributes.address(IFA_ADDRESS) : local;
      if (address != null) {
        addresses.add(
            new InterfaceAddress(body.getInt(4), address, Byte.toUnsignedInt(body.get(1))));
      }
    }
    return List.copyOf(addresses);
  }

  /**
   * Gives an interface an address, or nothing when it has it. An IPv6 address is usable at once:
   * whoever assigned it knows that it is unique.
   */
  public void addAddress(InterfaceAddress address) {
    changeAddress(RTM_NEWADDR, NetlinkSocket.CREATE | NetlinkSocket.REPLACE, address);
  }

  /** Takes an address from an interface. */
  public void removeAddress(InterfaceAddress address) {
    changeAddress(RTM_DELADDR, 0, address);
  }

  private void changeAddress(int type, int flags, InterfaceAddress address) {
    int family = Attributes.family(address.address());
    byte[] request =
        new Attributes.Builder()
            .u8(family)
            .u8(address.prefixLength())
            .u8(family == Attributes.AF_INET6 ? IFA_F_NODAD : 0)
            .u8(Route.Scope.UNIVERSE.number())
            .u32(address.link())
            .attribute(IFA_LOCAL, address.address())
            .attribute(IFA_ADDRESS, address.address())
            .build();
    ask(type, flags, request, address.toString());
  }

  /** All unicast routes of the main table, IPv4 first. */
  public List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    for (int family : new int[] {Attributes.AF_INET, Attributes.AF_INET6}) {
      byte[] request = new Attributes.Builder().u8(family).u8(0).u16(0).u32(0).u32(0).build();
      for (ByteBuffer body : socket.ask(RTM_GETROUTE, NetlinkSocket.DUMP, request, "all routes")) {
        Route route = route(family, body);
        if (route != null) {
          routes.add(route);
        }
      }
    }
    return List.copyOf(routes);
  }

  private static @Nullable Route route(int family, ByteBuffer body) {
    int flags = body.getInt(8);
    if (Byte.toUnsignedInt(body.get(4)) != RT_TABLE_MAIN
        || body.get(7) != RTN_UNICAST
        || (flags & RTM_F_CLONED) != 0) {
      return null;
    }
    Attributes attributes = Attributes.parse(body, RTMSG_BYTES);
    InetAddress destination = attributes.address(RTA_DST);
    return new Route(
        destination == null ? Attributes.unspecified(family) : destination,
        Byte.toUnsignedInt(body.get(1)),
        attributes.address(RTA_GATEWAY),
        attributes.number(RTA_OIF),
        attributes.address(RTA_PREFSRC),
        Route.Scope.of(Byte.toUnsignedInt(body.get(6))),
        Integer.toUnsignedLong(attributes.number(RTA_PRIORITY)),
        attributes.nested(RTA_METRICS).number(RTAX_MTU),
        (flags & RTNH_F_ONLINK) != 0);
  }

  /** Adds a route, or replaces the one to the same destination with the same metric. */
  public void addRoute(Route route) {
    ask(
        RTM_NEWROUTE,
        NetlinkSocket.CREATE | NetlinkSocket.REPLACE,
        request(route),
        route.toString());
  }

  /** Removes a route; {@code ESRCH} when there is none such. */
  public void removeRoute(Route route) {
    ask(RTM_DELROUTE, 0, request(route), route.toString());
  }

  private static byte[] request(Route route) {
    Attributes.Builder request =
        new Attributes.Builder()
            .u8(Attributes.family(route.destination()))
            .u8(route.prefixLength())
            .u8(0)
            .u8(0)
            .u8(RT_TABLE_MAIN)
            .u8(RTPROT_STATIC)
            .u8(route.scope().number())
            .u8(RTN_UNICAST)
            .u32(route.onLink() ? RTNH_F_ONLINK : 0);
    if (!route.isDefault()) {
      request.attribute(RTA_DST, route.destination());
    }
    InetAddress gateway = route.gateway();
    if (gateway != null) {
      request.attribute(RTA_GATEWAY, gateway);
    }
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
    if (route.mtu() != 0) {
      byte[] metrics = new Attributes.Builder().attribute(RTAX_MTU, route.mtu()).build();
      request.attribute(RTA_METRICS, metrics);
    }
    return request.build();
  }

  /** All neighbours whose hardware address is known. */
  public List<Neighbour> neighbours() {
    List<Neighbour> neighbours = new ArrayList<>();
    byte[] request = new Attributes.Builder().u32(0).u32(0).u32(0).build();
    for (ByteBuffer body : socket.ask(RTM_GETNEIGH, NetlinkSocket.DUMP, request, "neighbours")) {
      Attributes attributes = Attributes.parse(body, NDMSG_BYTES);
      InetAddress address = attributes.address(NDA_DST);
      byte[] hardware = attributes.bytes(NDA_LLADDR);
      if (address != null && hardware != null && hardware.length == 6) {
        neighbours.add(
            new Neighbour(
                body.getInt(4),
                address,
                MacAddress.of(hardware),
                Short.toUnsignedInt(body.getShort(8))));
      }
    }
    return List.copyOf(neighbours);
  }

  /** Adds a neighbour, or replaces the one with the same address. */
  public void addNeighbour(Neighbour neighbour) {
    ask(
        RTM_NEWNEIGH,
        NetlinkSocket.CREATE | NetlinkSocket.REPLACE,
        request(neighbour),
        neighbour.toString());
  }

  /** Removes a neighbour; {@code ENOENT} when there is none such. */
  public void removeNeighbour(Neighbour neighbour) {
    ask(RTM_DELNEIGH, 0, request(neighbour), neighbour.toString());
  }

  private static byte[] request(Neighbour neighbour) {
    return new Attributes.Builder()
        .u8(Attributes.family(neighbour.address()))
        .u8(0)
        .u16(0)
        .u32(neighbour.link())
        .u16(neighbour.state())
        .u8(0)
        .u8(RTN_UNICAST)
        .attribute(NDA_DST, neighbour.address())
        .attribute(NDA_LLADDR, neighbour.hardwareAddress().bytes())
        .build();
  }

  private void ask(int type, int flags, byte[] request, String subject) {
    // What a successful change answers beside its acknowledgement is of no interest.
    List<ByteBuffer> ignored = socket.ask(type, flags, request, subject);
  }

  @Override
  public void close() {
    socket.close();
  }
}
