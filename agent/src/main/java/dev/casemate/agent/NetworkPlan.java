package dev.casemate.agent;

import com.google.protobuf.ByteString;
import dev.casemate.linux.netlink.InterfaceAddress;
import dev.casemate.linux.netlink.MacAddress;
import dev.casemate.linux.netlink.Neighbour;
import dev.casemate.linux.netlink.Route;
import dev.casemate.linux.netlink.Rule;
import dev.casemate.protocol.agent.ConfigureNetworkRequest;
import dev.casemate.protocol.agent.NetworkAddress;
import dev.casemate.protocol.agent.NetworkInterface;
import dev.casemate.protocol.agent.NetworkNeighbour;
import dev.casemate.protocol.agent.NetworkRoute;
import dev.casemate.protocol.agent.NetworkRule;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network as the host describes it, checked. Interfaces are told apart by the addresses of their
 * cards; routes and neighbours name them, since their numbers are known only when they are there.
 *
 * @param rules by which tables are chosen
 */
record NetworkPlan(
    List<Interface> interfaces,
    List<OnDevice<Route>> routes,
    List<Rule> rules,
    List<OnDevice<Neighbour>> neighbours) {
  /** Nothing but the loopback interface. */
  static final NetworkPlan NONE = new NetworkPlan(List.of(), List.of(), List.of(), List.of());

  private static final int MAX_ENTRIES = GuestNetwork.MAX_ENTRIES;

  /** The biggest that a network card can be told of, whatever it can do. */
  private static final int MAX_MTU = 65535;

  /** The number that stands for the interface that an address, route or neighbour belongs to. */
  private static final int ANY_LINK = 0;

  NetworkPlan {
    interfaces = List.copyOf(interfaces);
    routes = List.copyOf(routes);
    rules = List.copyOf(rules);
    neighbours = List.copyOf(neighbours);
  }

  /** An interface; its addresses are of {@link #ANY_LINK}. */
  record Interface(
      MacAddress card,
      String name,
      MacAddress hardwareAddress,
      int mtu,
      boolean noArp,
      int acceptRa,
      List<InterfaceAddress> addresses) {
    Interface {
      addresses = List.copyOf(addresses);
    }

    /** An address of this interface as the interface with a number has it. */
    static InterfaceAddress on(int link, InterfaceAddress address) {
      return new InterfaceAddress(
          link,
          address.address(),
          address.prefixLength(),
          address.peer(),
          address.broadcast(),
          address.scope(),
          address.prefixRoute());
    }
  }

  /**
   * A thing of {@link #ANY_LINK}.
   *
   * @param device the name of the interface that it belongs to; empty for none
   */
  record OnDevice<T>(String device, T thing) {}

  /** A route as the interface with a number has it. */
  static Route on(int link, Route route) {
    return Route.to(route.destination(), route.prefixLength())
        .kind(route.kind())
        .via(route.gateway())
        .link(link)
        .source(route.source())
        .scope(route.scope())
        .metric(route.metric())
        .metrics(route.metrics())
        .onLink(route.onLink())
        .table(route.table())
        .protocol(route.protocol())
        .typeOfService(route.typeOfService())
        .build();
  }

  /** A neighbour as the interface with a number has it. */
  static Neighbour on(int link, Neighbour neighbour) {
    return new Neighbour(link, neighbour.address(), neighbour.hardwareAddress(), neighbour.state());
  }

  /**
   * Reads and checks.
   *
   * @throws IllegalArgumentException when something cannot be
   */
  static NetworkPlan of(ConfigureNetworkRequest request) {
    int entries =
        request.getInterfacesCount()
            + request.getRoutesCount()
            + request.getRulesCount()
            + request.getNeighboursCount();
    if (entries > MAX_ENTRIES) {
      throw new IllegalArgumentException("there are more than " + MAX_ENTRIES + " entries");
    }
    List<Interface> interfaces = new ArrayList<>();
    for (NetworkInterface each : request.getInterfacesList()) {
      interfaces.add(of(each));
    }
    List<OnDevice<Route>> routes = new ArrayList<>();
    for (NetworkRoute each : request.getRoutesList()) {
      routes.add(new OnDevice<>(each.getDevice(), of(each)));
    }
    List<Rule> rules = new ArrayList<>();
    for (NetworkRule each : request.getRulesList()) {
      rules.add(of(each));
    }
    List<OnDevice<Neighbour>> neighbours = new ArrayList<>();
    for (NetworkNeighbour each : request.getNeighboursList()) {
      Neighbour neighbour =
          new Neighbour(
              ANY_LINK,
              address(each.getAddress()),
              MacAddress.parse(each.getHardwareAddress()),
              Neighbour.PERMANENT);
      neighbours.add(new OnDevice<>(each.getDevice(), neighbour));
    }
    return new NetworkPlan(interfaces, routes, rules, neighbours);
  }

  private static Interface of(NetworkInterface wanted) {
    if (wanted.getMtu() < 0 || wanted.getMtu() > MAX_MTU) {
      throw new IllegalArgumentException("the MTU of " + wanted.getName() + " is out of range");
    }
    if (wanted.getAddressesCount() > MAX_ENTRIES) {
      throw new IllegalArgumentException(wanted.getName() + " has too many addresses");
    }
    List<InterfaceAddress> addresses = new ArrayList<>();
    for (NetworkAddress address : wanted.getAddressesList()) {
      addresses.add(
          new InterfaceAddress(
              ANY_LINK,
              address(address.getAddress()),
              address.getPrefixLength(),
              optional(address.getPeer()),
              optional(address.getBroadcast()),
              Route.Scope.of(address.getScope()),
              false));
    }
    return new Interface(
        MacAddress.parse(wanted.getCard()),
        wanted.getName(),
        MacAddress.parse(wanted.getHardwareAddress()),
        wanted.getMtu(),
        wanted.getNoArp(),
        wanted.getAcceptRa(),
        addresses);
  }

  private static Route of(NetworkRoute route) {
    Route.Kind kind = Route.Kind.of(route.getKind());
    if (kind == null) {
      throw new IllegalArgumentException("there is no kind " + route.getKind() + " of route");
    }
    Map<Integer, Integer> metrics = new HashMap<>(route.getMetricsMap());
    return Route.to(address(route.getDestination()), route.getPrefixLength())
        .kind(kind)
        .via(optional(route.getGateway()))
        .source(optional(route.getSource()))
        .scope(Route.Scope.of(route.getScope()))
        .metric(Integer.toUnsignedLong(route.getMetric()))
        .metrics(metrics)
        .onLink(route.getOnLink())
        .table(Integer.toUnsignedLong(route.getTable()))
        .protocol(route.getProtocol())
        .typeOfService(route.getTypeOfService())
        .build();
  }

  private static Rule of(NetworkRule rule) {
    Rule.Action action = Rule.Action.of(rule.getAction());
    if (action == null) {
      throw new IllegalArgumentException("there is no action " + rule.getAction() + " of a rule");
    }
    return new Rule(
        rule.getSix(),
        Integer.toUnsignedLong(rule.getPriority()),
        action,
        Integer.toUnsignedLong(rule.getTable()),
        prefix(rule.getSource(), rule.getSourceLength()),
        prefix(rule.getDestination(), rule.getDestinationLength()),
        rule.getTypeOfService(),
        Integer.toUnsignedLong(rule.getMark()),
        Integer.toUnsignedLong(rule.getMask()),
        rule.getInput(),
        rule.getOutput(),
        rule.getInverted(),
        rule.getSuppressedLength(),
        false);
  }

  private static Rule.@Nullable Prefix prefix(ByteString bytes, int length) {
    InetAddress address = optional(bytes);
    return address == null ? null : new Rule.Prefix(address, length);
  }

  private static @Nullable InetAddress optional(ByteString bytes) {
    return bytes.isEmpty() ? null : address(bytes);
  }

  private static InetAddress address(ByteString bytes) {
    try {
      return InetAddress.getByAddress(bytes.toByteArray());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.size(), e);
    }
  }
}
