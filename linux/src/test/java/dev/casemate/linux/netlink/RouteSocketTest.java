package dev.casemate.linux.netlink;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.linux.Errno;
import dev.casemate.linux.Namespace;
import dev.casemate.linux.OwnThread;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each test works in a network namespace that goes with its thread. */
class RouteSocketTest {
  private static final int NO_LINK = 9999;

  private interface Work {
    void run(RouteSocket socket) throws Exception;
  }

  private static void inOwnNamespace(Work work) throws Exception {
    OwnThread.run(() -> {
      Namespace.unshare(Namespace.NETWORK);
      try (RouteSocket socket = RouteSocket.open()) {
        work.run(socket);
      }
    });
  }

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  /** The routes but those that the kernel makes for IPv6 by itself. */
  private static List<Route> fours(RouteSocket socket) {
    return socket.routes().stream().filter(r -> r.destination() instanceof Inet4Address).toList();
  }

  /** A pair of interfaces that are connected to each other; gives the first one's index. */
  private static int upLink(RouteSocket socket) {
    socket.addLink("eth0", "veth");
    for (Link link : socket.links()) {
      socket.setUp(link.index(), true);
    }
    return socket.link("eth0").orElseThrow().index();
  }

  @Test
  void seesLoopback() throws Exception {
    inOwnNamespace(socket -> {
      Link loopback = socket.link("lo").orElseThrow();
      assertThat(loopback.loopback()).isTrue();
      assertThat(loopback.up()).isFalse();
      assertThat(loopback.index()).isEqualTo(1);
      assertThat(loopback.hardwareAddress()).isEqualTo(new MacAddress(0));
      socket.setUp(1, true);
      assertThat(socket.link("lo").orElseThrow().up()).isTrue();
      assertThat(socket.addresses()).contains(new InterfaceAddress(1, ip("127.0.0.1"), 8));
      socket.setUp(1, false);
      assertThat(socket.link("lo").orElseThrow().up()).isFalse();
      assertThat(socket.link("none")).isEmpty();
    });
  }

  @Test
  void changesALink() throws Exception {
    inOwnNamespace(socket -> {
      socket.addLink("eth0", "veth");
      int index = socket.link("eth0").orElseThrow().index();
      MacAddress address = MacAddress.parse("02:00:00:ab:cd:ef");
      socket.setHardwareAddress(index, address);
      socket.setMtu(index, 1400);
      socket.rename(index, "fifteen-bytes-0");
      assertThat(socket.link("fifteen-bytes-0"))
          .hasValue(new Link(index, "fifteen-bytes-0", address, 1400, false, false, "veth"));
      assertRefused(Errno.EEXIST, "netlink", "link lo", () -> socket.addLink("lo", "veth"));
      socket.removeLink(index);
      assertThat(socket.links()).hasSize(1);
    });
  }

  @Test
  void saysWhyALinkCannotBeChanged() throws Exception {
    inOwnNamespace(socket -> {
      assertRefused(Errno.ENODEV, "netlink", "link 9999", () -> socket.setUp(NO_LINK, true));
      assertRefused(Errno.ENODEV, "netlink", "link 9999", () -> socket.removeLink(NO_LINK));
      assertRefused(
          Errno.EOPNOTSUPP,
          "netlink",
          // The kernel's own words.
          "Unknown device type",
          () -> socket.addLink("x", "nosuchkind"));
      socket.addLink("eth0", "veth");
      int index = socket.link("eth0").orElseThrow().index();
      assertRefused(Errno.EINVAL, "netlink", "mtu 1 of", () -> socket.setMtu(index, 1));
      assertRefused(
          Errno.EADDRNOTAVAIL,
          "netlink",
          "address 01:",
          () -> socket.setHardwareAddress(index, MacAddress.parse("01:00:00:00:00:00")));
      assertRefused(Errno.EEXIST, "netlink", "name lo", () -> socket.rename(index, "lo"));
      assertThatThrownBy(() -> socket.rename(index, "sixteen-bytes-01"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> socket.rename(index, ""))
          .isInstanceOf(IllegalArgumentException.class);
    });
  }

  @Test
  void addsAddresses() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      InterfaceAddress four = new InterfaceAddress(index, ip("10.1.2.3"), 24);
      InterfaceAddress six = new InterfaceAddress(index, ip("fd00::3"), 64);
      socket.addAddress(four);
      socket.addAddress(six);
      socket.addAddress(four);
      socket.addAddress(six);
      assertThat(socket.addresses()).contains(four, six).doesNotHaveDuplicates();
      socket.removeAddress(four);
      socket.removeAddress(six);
      assertThat(socket.addresses()).doesNotContain(four, six);
      assertRefused(Errno.EADDRNOTAVAIL, "netlink", "10.1.2.3", () -> socket.removeAddress(four));
      assertRefused(
          Errno.ENODEV,
          "netlink",
          "10.1.2.3",
          () -> socket.addAddress(new InterfaceAddress(NO_LINK, ip("10.1.2.3"), 24)));
    });
    assertThatThrownBy(() -> new InterfaceAddress(1, ip("10.1.2.3"), 33))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new InterfaceAddress(1, ip("fd00::3"), 129))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void addsRoutesOfIpv4() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      socket.addAddress(new InterfaceAddress(index, ip("10.1.2.3"), 24));
      Route network =
          new Route(ip("10.1.2.0"), 24, null, index, ip("10.1.2.3"), Route.Scope.LINK, 0, 0, false);
      assertThat(fours(socket)).containsExactly(network);
      Route last = Route.defaultVia(ip("10.1.2.1"), index);
      Route full =
          new Route(
              ip("192.168.0.0"),
              16,
              ip("10.9.9.9"),
              index,
              ip("10.1.2.3"),
              Route.Scope.UNIVERSE,
              4_000_000_000L,
              1300,
              true);
      Route near = Route.onLink(ip("172.16.0.0"), 12, index);
      socket.addRoute(last);
      socket.addRoute(last);
      socket.addRoute(full);
      socket.addRoute(near);
      assertThat(fours(socket)).containsExactlyInAnyOrder(network, last, full, near);
      socket.removeRoute(full);
      assertThat(socket.routes()).doesNotContain(full);
      assertRefused(Errno.ESRCH, "netlink", "192.168", () -> socket.removeRoute(full));
      assertRefused(
          Errno.ENETUNREACH,
          "netlink",
          "10.9.9.9",
          () -> socket.addRoute(Route.defaultVia(ip("10.9.9.9"), index)));
    });
  }

  @Test
  void addsRoutesOfIpv6() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      socket.addAddress(new InterfaceAddress(index, ip("fd00::3"), 64));
      Route last =
          new Route(ip("::"), 0, ip("fd00::1"), index, null, Route.Scope.UNIVERSE, 77, 0, false);
      Route other =
          new Route(
              ip("fd01::"), 48, ip("fd00::1"), index, null, Route.Scope.UNIVERSE, 5, 0, false);
      socket.addRoute(last);
      socket.addRoute(other);
      assertThat(socket.routes()).contains(last, other);
      socket.removeRoute(other);
      assertThat(socket.routes()).contains(last).doesNotContain(other);
    });
  }

  @Test
  void refusesRoutesThatCannotBe() {
    assertThatThrownBy(() -> Route.onLink(ip("10.0.0.0"), 33, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() ->
            new Route(ip("::"), 0, ip("10.0.0.1"), 1, null, Route.Scope.UNIVERSE, 0, 0, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Route(ip("::"), 0, null, 1, null, Route.Scope.UNIVERSE, -1, 0, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Route.Scope.of(253)).isEqualTo(Route.Scope.LINK);
    assertThat(Route.Scope.of(17)).isEqualTo(Route.Scope.UNIVERSE);
  }

  @Test
  void addsNeighbours() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      MacAddress hardware = MacAddress.parse("02:11:22:33:44:55");
      Neighbour four = new Neighbour(index, ip("10.1.2.9"), hardware, Neighbour.PERMANENT);
      Neighbour six = new Neighbour(index, ip("fd00::9"), hardware, Neighbour.PERMANENT);
      socket.addNeighbour(four);
      socket.addNeighbour(four);
      socket.addNeighbour(six);
      assertThat(socket.neighbours()).contains(four, six);
      socket.removeNeighbour(four);
      assertThat(socket.neighbours())
          .filteredOn(n -> n.state() == Neighbour.PERMANENT)
          .doesNotContain(four)
          .contains(six);
      assertRefused(
          Errno.ENODEV,
          "netlink",
          "10.1.2.9",
          () ->
              socket.addNeighbour(
                  new Neighbour(NO_LINK, ip("10.1.2.9"), hardware, Neighbour.PERMANENT)));
      assertRefused(
          Errno.ENOENT,
          "netlink",
          "10.1.2.77",
          () ->
              socket.removeNeighbour(
                  new Neighbour(index, ip("10.1.2.77"), hardware, Neighbour.PERMANENT)));
    });
  }

  @Test
  void listsMoreThanOneBufferHolds() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      int count = 1500;
      for (int i = 0; i < count; i++) {
        socket.addAddress(
            new InterfaceAddress(index, ip("10.7." + i / 250 + "." + (i % 250 + 1)), 32));
      }
      assertThat(socket.addresses())
          .filteredOn(a -> a.address().getHostAddress().startsWith("10.7."))
          .hasSize(count)
          .doesNotHaveDuplicates();
    });
  }

  @Test
  void readsHardwareAddresses() {
    assertThat(MacAddress.parse("02:00:00:AB:cd:ef")).hasToString("02:00:00:ab:cd:ef");
    assertThat(new MacAddress(0x0200_00ab_cdefL)).hasToString("02:00:00:ab:cd:ef");
    for (String text : new String[] {"", "02", "02:00:00:ab:cd", "02-00-00-ab-cd-ef", "x"}) {
      assertThatThrownBy(() -> MacAddress.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new MacAddress(1L << 48)).isInstanceOf(IllegalArgumentException.class);
  }
}
