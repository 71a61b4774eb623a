package dev.casemate.agent;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.netlink.InterfaceAddress;
import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.MacAddress;
import dev.casemate.linux.netlink.Neighbour;
import dev.casemate.linux.netlink.RouteSocket;
import dev.casemate.protocol.agent.ARPNeighbor;
import dev.casemate.protocol.agent.ConfigureNetworkRequest;
import dev.casemate.protocol.agent.IPAddress;
import dev.casemate.protocol.agent.IPFamily;
import dev.casemate.protocol.agent.Interface;
import dev.casemate.protocol.agent.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The guest's interfaces, addresses, routes and neighbours, which the host copies from the pod's
 * network namespace. Thread-safe; changes are made one after the other.
 */
final class GuestNetwork {
  private static final String LOOPBACK = "lo";

  /** More routes, neighbours or addresses than any pod has. */
  static final int MAX_ENTRIES = 4096;

  private static final int ROUTE_ON_LINK = 4;

  /** What {@link #configure} has made. */
  private NetworkPlan configured = NetworkPlan.NONE;

  /** Switches the loopback interface on. */
  synchronized void startLoopback() {
    try (RouteSocket socket = RouteSocket.open()) {
      Optional<Link> loopback = socket.link(LOOPBACK);
      if (loopback.isPresent()) {
        socket.setUp(loopback.get().index(), true);
      }
    }
  }

  /**
   * Makes the network what is described, and undoes what an earlier call made and this one does not
   * name. When it fails, the next one begins where this one did.
   */
  synchronized void configure(ConfigureNetworkRequest request) throws InterruptedException {
    String tried = "configure the network";
    NetworkPlan wanted = parse(tried, () -> NetworkPlan.of(request));
    try (RouteSocket socket = RouteSocket.open()) {
      new NetworkUpdate(socket, configured, wanted).apply();
      configured = wanted;
    } catch (LinuxException | IOException e) {
      throw RequestError.failed(tried, e);
    }
  }

  /**
   * Gives the interface with the hardware address its name, addresses and MTU, and switches it on.
   * Where no interface has that address, the one with the name gets it: a VM that was cloned from a
   * template has its template's.
   */
  synchronized void update(Interface wanted) throws InterruptedException {
    String tried = "configure the interface " + wanted.getName();
    MacAddress mac = parse(tried, () -> MacAddress.parse(wanted.getHwAddr()));
    if (wanted.getMtu() < 0 || wanted.getMtu() > 1 << 24) {
      throw RequestError.invalid(tried, "its MTU is out of range");
    }
    try (RouteSocket socket = RouteSocket.open()) {
      Link link = find(socket, wanted.getName(), mac, tried);
      if (!mac.equals(link.hardwareAddress())) {
        Cards.switchOff(socket, link);
        socket.setHardwareAddress(link.index(), mac);
      }
      if (!wanted.getName().isEmpty() && !link.name().equals(wanted.getName())) {
        rename(socket, link, wanted.getName());
      }
      if (wanted.getMtu() > 0) {
        socket.setMtu(link.index(), (int) wanted.getMtu());
      }
      socket.setUp(link.index(), true);
      setAddresses(socket, link.index(), wanted.getIPAddressesList(), tried);
    } catch (LinuxException e) {
      throw RequestError.failed(tried, e);
    }
  }

  private static Link find(RouteSocket socket, String name, MacAddress mac, String tried)
      throws InterruptedException {
    long deadline = System.nanoTime() + Cards.PLUG_NANOS;
    while (true) {
      Link named = null;
      for (Link link : socket.links()) {
        if (mac.equals(link.hardwareAddress())) {
          return link;
        }
        if (link.name().equals(name) && !link.loopback()) {
          named = link;
        }
      }
      if (named != null) {
        return named;
      }
      if (System.nanoTime() - deadline > 0) {
        throw RequestError.notFound(tried, "no interface has the address " + mac);
      }
      Thread.sleep(Cards.POLL_MILLIS);
    }
  }

  private static void rename(RouteSocket socket, Link link, String name) {
    Cards.free(socket, name);
    Cards.switchOff(socket, link);
    socket.rename(link.index(), name);
  }

  private static void setAddresses(
      RouteSocket socket, int link, List<IPAddress> wanted, String tried) {
    List<InterfaceAddress> addresses = new ArrayList<>();
    for (IPAddress address : wanted) {
      InetAddress ip = parse(tried, () -> InetAddress.ofLiteral(address.getAddress()));
      int prefix = parse(tried, () -> Integer.parseInt(address.getMask()));
      addresses.add(parse(tried, () -> new InterfaceAddress(link, ip, prefix)));
    }
    for (InterfaceAddress there : socket.addresses()) {
      if (there.link() == link
          && !there.address().isLinkLocalAddress()
          && !addresses.contains(there)) {
        socket.removeAddress(there);
      }
    }
    for (InterfaceAddress address : addresses) {
      socket.addAddress(address);
    }
  }

  /** What the guest has now. */
  synchronized List<Interface> interfaces() {
    List<Interface> out = new ArrayList<>();
    try (RouteSocket socket = RouteSocket.open()) {
      List<InterfaceAddress> addresses = socket.addresses();
      for (Link link : socket.links()) {
        Interface.Builder each =
            Interface.newBuilder()
                .setDevice(link.name())
                .setName(link.name())
                .setMtu(link.mtu())
                .setType(link.kind());
        if (link.hardwareAddress() != null) {
          each.setHwAddr(link.hardwareAddress().toString());
        }
        for (InterfaceAddress address : addresses) {
          if (address.link() == link.index()) {
            each.addIPAddresses(
                IPAddress.newBuilder()
                    .setFamily(family(address.address()))
                    .setAddress(address.address().getHostAddress())
                    .setMask(Integer.toString(address.prefixLength())));
          }
        }
        out.add(each.build());
      }
    }
    return out;
  }

  private static IPFamily family(InetAddress address) {
    return address.getAddress().length == 4 ? IPFamily.v4 : IPFamily.v6;
  }

  /** Makes the routes of all interfaces but the loopback exactly these; the result. */
  synchronized List<Route> update(List<Route> wanted) {
    String tried = "set the routes";
    if (wanted.size() > MAX_ENTRIES) {
      throw RequestError.invalid(tried, "there are more than " + MAX_ENTRIES);
    }
    try (RouteSocket socket = RouteSocket.open()) {
      List<Link> links = socket.links();
      List<dev.casemate.linux.netlink.Route> routes = new ArrayList<>();
      for (Route route : wanted) {
        routes.add(parse(tried, () -> route(route, links)));
      }
      for (dev.casemate.linux.netlink.Route there : mainRoutes(socket)) {
        if (!isLoopback(there.link(), links) && !kept(there, routes)) {
          socket.removeRoute(there);
        }
      }
      // Routes on the link first: gateways are reached over them.
      for (dev.casemate.linux.netlink.Route route : routes) {
        if (route.gateway() == null) {
          socket.addRoute(route);
        }
      }
      for (dev.casemate.linux.netlink.Route route : routes) {
        if (route.gateway() != null) {
          socket.addRoute(route);
        }
      }
    } catch (LinuxException e) {
      throw RequestError.failed(tried, e);
    }
    return routes();
  }

  /** The protocol knows no others. */
  private static List<dev.casemate.linux.netlink.Route> mainRoutes(RouteSocket socket) {
    return socket.routes().stream()
        .filter(route -> route.table() == dev.casemate.linux.netlink.Route.MAIN_TABLE)
        .filter(route -> route.kind() == dev.casemate.linux.netlink.Route.Kind.UNICAST)
        .toList();
  }

  private static boolean kept(
      dev.casemate.linux.netlink.Route there, List<dev.casemate.linux.netlink.Route> wanted) {
    // The kernel's own route for IPv6 link-local addresses stays; without it neighbours are lost.
    return there.destination().isLinkLocalAddress() || wanted.contains(there);
  }

  private static boolean isLoopback(int index, List<Link> links) {
    for (Link link : links) {
      if (link.index() == index) {
        return link.loopback();
      }
    }
    return false;
  }

  private static dev.casemate.linux.netlink.Route route(Route route, List<Link> links) {
    InetAddress gateway = optional(route.getGateway());
    String target = route.getDest();
    InetAddress destination;
    int prefix;
    if (target.isEmpty()) {
      boolean six = route.getFamily() == IPFamily.v6;
      destination = InetAddress.ofLiteral(six ? "::" : "0.0.0.0");
      prefix = 0;
    } else {
      int slash = target.indexOf('/');
      destination = InetAddress.ofLiteral(slash < 0 ? target : target.substring(0, slash));
      int bits = destination.getAddress().length * 8;
      prefix = slash < 0 ? bits : Integer.parseInt(target.substring(slash + 1));
    }
    return dev.casemate.linux.netlink.Route.to(destination, prefix)
        .via(gateway)
        .link(index(route.getDevice(), links))
        .source(optional(route.getSource()))
        .scope(dev.casemate.linux.netlink.Route.Scope.of(route.getScope()))
        .mtu(route.getMtu())
        .onLink((route.getFlags() & ROUTE_ON_LINK) != 0)
        .build();
  }

  private static @Nullable InetAddress optional(String literal) {
    return literal.isEmpty() ? null : InetAddress.ofLiteral(literal);
  }

  private static int index(String device, List<Link> links) {
    if (device.isEmpty()) {
      return 0;
    }
    for (Link link : links) {
      if (link.name().equals(device)) {
        return link.index();
      }
    }
    throw new IllegalArgumentException("there is no interface " + device);
  }

  /** The routes of the main table. */
  synchronized List<Route> routes() {
    List<Route> out = new ArrayList<>();
    try (RouteSocket socket = RouteSocket.open()) {
      List<Link> links = socket.links();
      for (dev.casemate.linux.netlink.Route route : mainRoutes(socket)) {
        Route.Builder each =
            Route.newBuilder()
                .setFamily(family(route.destination()))
                .setScope(route.scope().number())
                .setMtu(route.mtu())
                .setFlags(route.onLink() ? ROUTE_ON_LINK : 0);
        if (!route.isDefault()) {
          each.setDest(route.destination().getHostAddress() + "/" + route.prefixLength());
        }
        if (route.gateway() != null) {
          each.setGateway(route.gateway().getHostAddress());
        }
        if (route.source() != null) {
          each.setSource(route.source().getHostAddress());
        }
        for (Link link : links) {
          if (link.index() == route.link()) {
            each.setDevice(link.name());
          }
        }
        out.add(each.build());
      }
    }
    return out;
  }

  /** Adds neighbours whose addresses the host knows. */
  synchronized void addNeighbours(List<ARPNeighbor> neighbours) {
    String tried = "add neighbours";
    if (neighbours.size() > MAX_ENTRIES) {
      throw RequestError.invalid(tried, "there are more than " + MAX_ENTRIES);
    }
    try (RouteSocket socket = RouteSocket.open()) {
      List<Link> links = socket.links();
      for (ARPNeighbor each : neighbours) {
        socket.addNeighbour(
            parse(
                tried,
                () ->
                    new Neighbour(
                        index(each.getDevice(), links),
                        InetAddress.ofLiteral(each.getToIPAddress().getAddress()),
                        MacAddress.parse(each.getLladdr()),
                        each.getState() == 0 ? Neighbour.PERMANENT : each.getState())));
      }
    } catch (LinuxException e) {
      throw RequestError.failed(tried, e);
    }
  }

  private static <T> T parse(String tried, Supplier<T> parser) {
    try {
      return parser.get();
    } catch (IllegalArgumentException e) {
      throw RequestError.invalid(tried, RequestError.reason(e));
    }
  }
}
