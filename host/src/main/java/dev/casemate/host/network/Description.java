package dev.casemate.host.network;

import dev.casemate.linux.netlink.InterfaceAddress;
import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.MacAddress;
import dev.casemate.linux.netlink.Neighbour;
import dev.casemate.linux.netlink.Route;
import dev.casemate.linux.netlink.Rule;
import dev.casemate.model.network.PodAddress;
import dev.casemate.model.network.PodInterface;
import dev.casemate.model.network.PodNeighbour;
import dev.casemate.model.network.PodNetwork;
import dev.casemate.model.network.PodRoute;
import dev.casemate.model.network.PodRule;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A namespace in the words in which the guest is told of it.
 *
 * @param notes what cannot be told and why, a clause each
 */
record Description(PodNetwork network, List<String> notes) {
  /** The priorities of the rules that are in every namespace. */
  private static final Set<Long> USUAL_RULES = Set.of(0L, 32_766L, 32_767L);

  Description {
    notes = List.copyOf(notes);
  }

  /**
   * Describes.
   *
   * @param cards the hardware address of the card of each interface that the machine gets, by the
   *     interface's number
   */
  static Description of(NamespaceView view, Map<Integer, MacAddress> cards) {
    List<String> notes = new ArrayList<>();
    List<PodInterface> interfaces = new ArrayList<>();
    for (Link link : view.links()) {
      MacAddress card = cards.get(link.index());
      if (card != null) {
        interfaces.add(podInterface(view, link, card));
      }
    }
    List<PodRoute> routes = new ArrayList<>();
    for (Route route : view.routes()) {
      if (route.partial()) {
        notes.add("the route " + text(route) + " is not in the machine: it is too involved");
      } else if (route.kind() != Route.Kind.UNICAST || cards.containsKey(route.link())) {
        routes.add(podRoute(view, route));
      }
    }
    List<PodRule> rules = new ArrayList<>();
    for (Rule rule : view.rules()) {
      if (rule.partial()) {
        notes.add(
            "the routing rule of priority "
                + rule.priority()
                + " is not in the machine: it is too involved");
      } else if (!isUsual(rule)) {
        rules.add(podRule(rule));
      }
    }
    List<PodNeighbour> neighbours = new ArrayList<>();
    for (Neighbour neighbour : view.neighbours()) {
      if ((neighbour.state() & Neighbour.PERMANENT) != 0 && cards.containsKey(neighbour.link())) {
        neighbours.add(
            new PodNeighbour(
                name(view, neighbour.link()),
                neighbour.address(),
                neighbour.hardwareAddress().toString()));
      }
    }
    return new Description(new PodNetwork(interfaces, routes, rules, neighbours), notes);
  }

  private static PodInterface podInterface(NamespaceView view, Link link, MacAddress card) {
    List<PodAddress> addresses = new ArrayList<>();
    for (InterfaceAddress address : view.addresses()) {
      if (address.link() == link.index()) {
        addresses.add(
            new PodAddress(
                address.address(),
                address.prefixLength(),
                address.peer(),
                address.broadcast(),
                address.scope().number()));
      }
    }
    MacAddress hardwareAddress = Objects.requireNonNull(link.hardwareAddress());
    return new PodInterface(
        card.toString(),
        link.name(),
        hardwareAddress.toString(),
        link.mtu(),
        link.noArp(),
        link.acceptRa(),
        addresses);
  }

  private static PodRoute podRoute(NamespaceView view, Route route) {
    return new PodRoute(
        route.destination(),
        route.prefixLength(),
        route.kind().number(),
        route.gateway(),
        route.link() == 0 ? "" : name(view, route.link()),
        route.source(),
        route.scope().number(),
        route.metric(),
        route.metrics(),
        route.onLink(),
        route.table(),
        route.protocol(),
        route.typeOfService());
  }

  private static PodRule podRule(Rule rule) {
    Rule.Prefix source = rule.source();
    Rule.Prefix destination = rule.destination();
    return new PodRule(
        rule.six(),
        rule.priority(),
        rule.action().number(),
        rule.table(),
        source == null ? null : source.address(),
        source == null ? 0 : source.length(),
        destination == null ? null : destination.address(),
        destination == null ? 0 : destination.length(),
        rule.typeOfService(),
        rule.mark(),
        rule.mask(),
        rule.input(),
        rule.output(),
        rule.inverted(),
        rule.suppressedLength());
  }

  private static boolean isUsual(Rule rule) {
    return USUAL_RULES.contains(rule.priority())
        && rule.source() == null
        && rule.destination() == null
        && rule.mask() == 0;
  }

  private static String name(NamespaceView view, int link) {
    return view.link(link).map(Link::name).orElse("");
  }

  private static String text(Route route) {
    InetAddress destination = route.destination();
    return destination.getHostAddress() + "/" + route.prefixLength();
  }
}
