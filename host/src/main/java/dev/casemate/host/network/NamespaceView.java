package dev.casemate.host.network;

import dev.casemate.linux.netlink.InterfaceAddress;
import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.Neighbour;
import dev.casemate.linux.netlink.Route;
import dev.casemate.linux.netlink.RouteSocket;
import dev.casemate.linux.netlink.Rule;
import java.util.List;
import java.util.Optional;

/** What is in a network namespace at a moment. */
record NamespaceView(
    List<Link> links,
    List<InterfaceAddress> addresses,
    List<Route> routes,
    List<Rule> rules,
    List<Neighbour> neighbours) {
  NamespaceView {
    links = List.copyOf(links);
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
    rules = List.copyOf(rules);
    neighbours = List.copyOf(neighbours);
  }

  /** Looks. */
  static NamespaceView of(RouteSocket socket) {
    return new NamespaceView(
        socket.links(), socket.addresses(), socket.routes(), socket.rules(), socket.neighbours());
  }

  /** The interface with this number. */
  Optional<Link> link(int index) {
    return links.stream().filter(link -> link.index() == index).findFirst();
  }
}
