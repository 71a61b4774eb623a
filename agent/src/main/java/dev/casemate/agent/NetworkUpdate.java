package dev.casemate.agent;

import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.netlink.InterfaceAddress;
import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.MacAddress;
import dev.casemate.linux.netlink.Neighbour;
import dev.casemate.linux.netlink.Route;
import dev.casemate.linux.netlink.RouteSocket;
import dev.casemate.linux.netlink.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One step from a network that the host has described before to one that it describes now. What
 * neither names stays: containers may have interfaces and routes of their own making. Owned by one
 * thread.
 */
final class NetworkUpdate {
  private static final Path SYSCTLS = Path.of("/proc/sys/net/ipv6/conf");

  private final RouteSocket socket;
  private final NetworkPlan before;
  private final NetworkPlan wanted;

  NetworkUpdate(RouteSocket socket, NetworkPlan before, NetworkPlan wanted) {
    this.socket = socket;
    this.before = before;
    this.wanted = wanted;
  }

  /**
   * Takes the step.
   *
   * @throws LinuxException when the kernel refuses something
   * @throws dev.casemate.model.CasemateException NOT_FOUND without the card of an interface
   */
  void apply() throws InterruptedException, IOException {
    removeRules();
    removeInterfaces();
    for (NetworkPlan.Interface each : wanted.interfaces()) {
      if (!before.interfaces().contains(each)) {
        change(each);
      }
    }
    List<Link> links = socket.links();
    removeRoutes(links);
    addRoutes(links);
    for (Rule rule : wanted.rules()) {
      ignoring(Errno.EEXIST, () -> socket.addRule(rule));
    }
    changeNeighbours(links);
  }

  private void removeRules() {
    for (Rule rule : before.rules()) {
      if (!wanted.rules().contains(rule)) {
        ignoring(Errno.ENOENT, () -> socket.removeRule(rule));
      }
    }
  }

  /** Gives the cards of interfaces that are no more back, silent and without a name of theirs. */
  private void removeInterfaces() {
    Set<MacAddress> kept = new HashSet<>();
    wanted.interfaces().forEach(each -> kept.add(each.card()));
    for (NetworkPlan.Interface each : before.interfaces()) {
      if (!kept.contains(each.card())) {
        for (Link link : socket.links()) {
          if (Cards.isOf(each.card(), link)) {
            socket.setUp(link.index(), false);
            removeAddresses(link.index(), List.of());
            socket.rename(link.index(), Cards.SPARE_NAME + link.index());
          }
        }
      }
    }
  }

  private void change(NetworkPlan.Interface each) throws InterruptedException, IOException {
    Link link = Cards.await(socket, each.card(), each.name());
    int index = link.index();
    boolean renamed = !link.name().equals(each.name());
    boolean readdressed = !each.hardwareAddress().equals(link.hardwareAddress());
    if (renamed || readdressed) {
      Cards.switchOff(socket, link);
    }
    if (readdressed) {
      socket.setHardwareAddress(index, each.hardwareAddress());
    }
    if (renamed) {
      Cards.free(socket, each.name());
      socket.rename(index, each.name());
    }
    socket.setMtu(index, each.mtu());
    if (link.noArp() != each.noArp()) {
      socket.setNoArp(index, each.noArp());
    }
    // Nothing may leave the guest but what its containers send and what the host has told.
    socket.generateNoAddresses(index);
    setAcceptRa(each);
    socket.setUp(index, true);
    List<InterfaceAddress> addresses =
        each.addresses().stream().map(a -> NetworkPlan.Interface.on(index, a)).toList();
    removeAddresses(index, addresses);
    addresses.forEach(socket::addAddress);
  }

  private static void setAcceptRa(NetworkPlan.Interface each) throws IOException {
    // The kernel took the name, so there is no slash in it.
    Path file = SYSCTLS.resolve(each.name()).resolve("accept_ra");
    if (Files.exists(file)) {
      Files.writeString(file, Integer.toString(each.acceptRa()));
    }
  }

  private void removeAddresses(int link, List<InterfaceAddress> but) {
    for (InterfaceAddress there : socket.addresses()) {
      if (there.link() == link && !but.contains(there)) {
        ignoring(Errno.EADDRNOTAVAIL, () -> socket.removeAddress(there));
      }
    }
  }

  private void removeRoutes(List<Link> links) {
    for (NetworkPlan.OnDevice<Route> each : before.routes()) {
      int link = index(each.device(), links);
      if (!wanted.routes().contains(each) && (link > 0 || each.device().isEmpty())) {
        ignoring(Errno.ESRCH, () -> socket.removeRoute(NetworkPlan.on(link, each.thing())));
      }
    }
  }

  /** All of them, since those of an interface that was off are gone. */
  private void addRoutes(List<Link> links) {
    // Those on the link first: gateways are reached over them.
    for (boolean far : new boolean[] {false, true}) {
      for (NetworkPlan.OnDevice<Route> each : wanted.routes()) {
        if ((each.thing().gateway() != null) == far) {
          socket.addRoute(NetworkPlan.on(known(each.device(), links), each.thing()));
        }
      }
    }
  }

  private void changeNeighbours(List<Link> links) {
    for (NetworkPlan.OnDevice<Neighbour> each : before.neighbours()) {
      int link = index(each.device(), links);
      if (link > 0 && !wanted.neighbours().contains(each)) {
        Neighbour gone = NetworkPlan.on(link, each.thing());
        ignoring(Errno.ENOENT, () -> socket.removeNeighbour(gone));
      }
    }
    for (NetworkPlan.OnDevice<Neighbour> each : wanted.neighbours()) {
      socket.addNeighbour(NetworkPlan.on(known(each.device(), links), each.thing()));
    }
  }

  private static int known(String device, List<Link> links) {
    int index = index(device, links);
    if (index < 0) {
      throw RequestError.notFound("configure the network", "there is no interface " + device);
    }
    return index;
  }

  /** The interface's number; 0 for no interface at all, -1 when there is none of that name. */
  private static int index(String device, List<Link> links) {
    if (device.isEmpty()) {
      return 0;
    }
    return links.stream()
        .filter(link -> link.name().equals(device))
        .mapToInt(Link::index)
        .findFirst()
        .orElse(-1);
  }

  private static void ignoring(Errno harmless, Runnable change) {
    try {
      change.run();
    } catch (LinuxException e) {
      if (e.errno() != harmless) {
        throw e;
      }
    }
  }
}
