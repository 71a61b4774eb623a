package dev.casemate.linux.netlink;

import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.NetlinkSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sees and changes the network of the namespace that it was opened in. Changes need {@code
 * CAP_NET_ADMIN}. Each method is one conversation with the kernel. For one thread at a time.
 */
public final class RouteSocket implements AutoCloseable {
  /** {@code IFNAMSIZ} less the NUL: the longest name of an interface, in bytes. */
  public static final int MAX_NAME_BYTES = 15;

  private static final int[] FAMILIES = {Attributes.AF_INET, Attributes.AF_INET6};

  private final NetlinkSocket socket;

  private RouteSocket(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** A socket for the network namespace of the calling thread, wherever it is used later. */
  public static RouteSocket open() {
    return new RouteSocket(NetlinkSocket.openRoute());
  }

  /** The queues and filters of the same namespace, over this socket. */
  public TrafficControl trafficControl() {
    return new TrafficControl(socket);
  }

  /** All interfaces. */
  public List<Link> links() {
    List<Link> links = new ArrayList<>();
    for (ByteBuffer body : dump(LinkMessages.GET, LinkMessages.all(), "all links")) {
      links.add(LinkMessages.parse(body));
    }
    return List.copyOf(links);
  }

  /** The interface with this name. */
  public Optional<Link> link(String name) {
    return links().stream().filter(link -> link.name().equals(name)).findFirst();
  }

  /** Makes a virtual interface of a kind that needs no further options: {@code dummy} or so. */
  public void addLink(String name, String kind) {
    ask(
        LinkMessages.NEW,
        NetlinkSocket.CREATE | NetlinkSocket.EXCLUSIVE,
        LinkMessages.ofKind(name, kind),
        "link " + name);
  }

  /** Removes a virtual interface. */
  public void removeLink(int link) {
    ask(LinkMessages.DELETE, 0, LinkMessages.plain(link), "link " + link);
  }

  /** Switches an interface on or off. */
  public void setUp(int link, boolean up) {
    changeFlags(link, up ? Link.IFF_UP : 0, Link.IFF_UP);
  }

  /** Changes whether neighbours are asked for their hardware addresses; they are by default. */
  public void setNoArp(int link, boolean noArp) {
    changeFlags(link, noArp ? Link.IFF_NOARP : 0, Link.IFF_NOARP);
  }

  private void changeFlags(int link, int flags, int change) {
    ask(LinkMessages.NEW, 0, LinkMessages.flags(link, flags, change), "link " + link);
  }

  /** Sets the biggest packet of an interface, in bytes. */
  public void setMtu(int link, int mtu) {
    ask(LinkMessages.NEW, 0, LinkMessages.mtu(link, mtu), "mtu " + mtu + " of link " + link);
  }

  /** Sets the hardware address of an interface; some must be switched off for it. */
  public void setHardwareAddress(int link, MacAddress address) {
    ask(
        LinkMessages.NEW,
        0,
        LinkMessages.hardwareAddress(link, address),
        "address " + address + " of link " + link);
  }

  /** Renames an interface; before Linux 6.2 it must be switched off for it. */
  public void rename(int link, String name) {
    ask(LinkMessages.NEW, 0, LinkMessages.name(link, name), "name " + name + " of link " + link);
  }

  /**
   * Keeps the kernel from giving an interface IPv6 addresses of its own making, and so from
   * speaking on it unasked, when it is switched on. Nothing happens where there is no IPv6.
   */
  public void generateNoAddresses(int link) {
    try {
      ask(LinkMessages.NEW, 0, LinkMessages.noGeneratedAddresses(link), "link " + link);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EAFNOSUPPORT) {
        throw e;
      }
    }
  }

  /** All addresses of all interfaces. */
  public List<InterfaceAddress> addresses() {
    List<InterfaceAddress> addresses = new ArrayList<>();
    for (ByteBuffer body : dump(AddressMessages.GET, AddressMessages.all(), "all addresses")) {
      InterfaceAddress address = AddressMessages.parse(body);
      if (address != null) {
        addresses.add(address);
      }
    }
    return List.copyOf(addresses);
  }

  /**
   * Gives an interface an address, or nothing when it has it. An IPv6 address is usable at once:
   * whoever assigned it knows that it is unique.
   */
  public void addAddress(InterfaceAddress address) {
    ask(
        AddressMessages.NEW,
        NetlinkSocket.CREATE | NetlinkSocket.REPLACE,
        AddressMessages.of(address),
        address.toString());
  }

  /** Takes an address from an interface. */
  public void removeAddress(InterfaceAddress address) {
    ask(AddressMessages.DELETE, 0, AddressMessages.of(address), address.toString());
  }

  /** The routes of all tables, IPv4 first, but those that the kernel makes for addresses. */
  public List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    for (int family : FAMILIES) {
      for (ByteBuffer body : dump(RouteMessages.GET, RouteMessages.all(family), "all routes")) {
        Route route = RouteMessages.parse(family, body);
        if (route != null) {
          routes.add(route);
        }
      }
    }
    return List.copyOf(routes);
  }

  /** Adds a route, or replaces the one to the same destination with the same metric. */
  public void addRoute(Route route) {
    ask(
        RouteMessages.NEW,
        NetlinkSocket.CREATE | NetlinkSocket.REPLACE,
        RouteMessages.of(route),
        route.toString());
  }

  /** Removes a route; {@code ESRCH} when there is none such. */
  public void removeRoute(Route route) {
    ask(RouteMessages.DELETE, 0, RouteMessages.of(route), route.toString());
  }

  /** The rules by which tables are chosen, IPv4 first. */
  public List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    for (int family : FAMILIES) {
      for (ByteBuffer body : dump(RuleMessages.GET, RuleMessages.all(family), "all rules")) {
        Rule rule = RuleMessages.parse(family, body);
        if (rule != null) {
          rules.add(rule);
        }
      }
    }
    return List.copyOf(rules);
  }

  /** Adds a rule; {@code EEXIST} when it is there. */
  public void addRule(Rule rule) {
    ask(
        RuleMessages.NEW,
        NetlinkSocket.CREATE | NetlinkSocket.EXCLUSIVE,
        RuleMessages.of(rule),
        rule.toString());
  }

  /** Removes a rule; {@code ENOENT} when there is none such. */
  public void removeRule(Rule rule) {
    ask(RuleMessages.DELETE, 0, RuleMessages.of(rule), rule.toString());
  }

  /** All neighbours whose hardware address is known. */
  public List<Neighbour> neighbours() {
    List<Neighbour> neighbours = new ArrayList<>();
    for (ByteBuffer body : dump(NeighbourMessages.GET, NeighbourMessages.all(), "neighbours")) {
      Neighbour neighbour = NeighbourMessages.parse(body);
      if (neighbour != null) {
        neighbours.add(neighbour);
      }
    }
    return List.copyOf(neighbours);
  }

  /** Adds a neighbour, or replaces the one with the same address. */
  public void addNeighbour(Neighbour neighbour) {
    ask(
        NeighbourMessages.NEW,
        NetlinkSocket.CREATE | NetlinkSocket.REPLACE,
        NeighbourMessages.of(neighbour),
        neighbour.toString());
  }

  /** Removes a neighbour; {@code ENOENT} when there is none such. */
  public void removeNeighbour(Neighbour neighbour) {
    ask(NeighbourMessages.DELETE, 0, NeighbourMessages.of(neighbour), neighbour.toString());
  }

  /** Has an interface answer for an address that is somewhere else, like {@code ip neigh proxy}. */
  public void addProxy(int link, InetAddress address) {
    ask(
        NeighbourMessages.NEW,
        NetlinkSocket.CREATE | NetlinkSocket.REPLACE,
        NeighbourMessages.proxy(link, address),
        "proxy for " + address + " on link " + link);
  }

  /** Undoes {@link #addProxy}; {@code ENOENT} when there is none such. */
  public void removeProxy(int link, InetAddress address) {
    ask(
        NeighbourMessages.DELETE,
        0,
        NeighbourMessages.proxy(link, address),
        "proxy for " + address + " on link " + link);
  }

  private List<ByteBuffer> dump(int type, byte[] request, String subject) {
    return socket.ask(type, NetlinkSocket.DUMP, request, subject);
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
