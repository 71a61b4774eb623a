package dev.casemate.linux.netlink;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.linux.CommandOutput;
import dev.casemate.linux.Errno;
import dev.casemate.linux.Namespace;
import dev.casemate.linux.OwnThread;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each test works in a network namespace that goes with its thread. */
class RouteSocketTest {
  private static final int NO_LINK = 9999;
  private static final int RTPROT_KERNEL = 2;
  private static final int RTAX_ADVMSS = 8;

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

  /** Asks another program of the same thing, in the namespace of the calling thread. */
  private static String ip(String first, String second, String... rest) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", first, second));
    command.addAll(List.of(rest));
    // Not java.lang.Process: its children may come from another thread.
    return CommandOutput.of(command);
  }

  static InetAddress ip(String literal) {
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
      socket.setNoArp(index, true);
      Link link = socket.link("fifteen-bytes-0").orElseThrow();
      assertThat(link.index()).isEqualTo(index);
      assertThat(link.hardwareAddress()).isEqualTo(address);
      assertThat(link.mtu()).isEqualTo(1400);
      assertThat(link.up()).isFalse();
      assertThat(link.loopback()).isFalse();
      assertThat(link.noArp()).isTrue();
      assertThat(link.ethernet()).isTrue();
      assertThat(link.kind()).isEqualTo("veth");
      assertThat(link.master()).isZero();
      assertThat(link.below()).isEqualTo(socket.link("veth0").orElseThrow().index());
      assertThat(link.belowElsewhere()).isFalse();
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
  void addsAddressesWithAllThatBelongsToThem() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      InterfaceAddress peered =
          new InterfaceAddress(
              index, ip("10.1.2.3"), 32, ip("10.9.9.9"), null, Route.Scope.LINK, true);
      InterfaceAddress broad =
          new InterfaceAddress(
              index, ip("10.2.2.3"), 24, null, ip("10.2.2.255"), Route.Scope.UNIVERSE, false);
      InterfaceAddress six =
          new InterfaceAddress(index, ip("fd00::3"), 64, null, null, Route.Scope.UNIVERSE, false);
      for (InterfaceAddress address : List.of(peered, broad, six)) {
        socket.addAddress(address);
      }
      assertThat(socket.addresses()).contains(peered, broad, six);
      // Only the first one makes a route by itself.
      assertThat(fours(socket)).extracting(Route::destination).containsExactly(ip("10.9.9.9"));
      assertThat(socket.routes()).extracting(Route::destination).doesNotContain(ip("fd00::"));
    });
  }

  @Test
  void makesNoAddressesOfItsOwn() throws Exception {
    inOwnNamespace(socket -> {
      socket.addLink("eth0", "veth");
      int quiet = socket.link("eth0").orElseThrow().index();
      int usual = socket.link("veth0").orElseThrow().index();
      socket.generateNoAddresses(quiet);
      socket.setUp(quiet, true);
      socket.setUp(usual, true);
      assertThat(socket.addresses()).extracting(InterfaceAddress::link).containsExactly(usual);
    });
  }

  @Test
  void addsRoutesOfIpv4() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      socket.addAddress(new InterfaceAddress(index, ip("10.1.2.3"), 24));
      Route network =
          Route.to(ip("10.1.2.0"), 24)
              .link(index)
              .source(ip("10.1.2.3"))
              .scope(Route.Scope.LINK)
              .protocol(RTPROT_KERNEL)
              .build();
      assertThat(fours(socket)).containsExactly(network);
      Route last = Route.defaultVia(ip("10.1.2.1"), index);
      Route full =
          Route.to(ip("192.168.0.0"), 16)
              .via(ip("10.9.9.9"))
              .link(index)
              .source(ip("10.1.2.3"))
              .metric(4_000_000_000L)
              .metrics(Map.of(Route.MTU, 1300, RTAX_ADVMSS, 1200))
              .onLink(true)
              .typeOfService(0x10)
              .protocol(17)
              .build();
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
      Route last = Route.to(ip("::"), 0).via(ip("fd00::1")).link(index).metric(77).build();
      Route other =
          Route.to(ip("fd01::"), 48).via(ip("fd00::1")).link(index).metric(5).mtu(1400).build();
      socket.addRoute(last);
      socket.addRoute(other);
      assertThat(socket.routes()).contains(last, other);
      socket.removeRoute(other);
      assertThat(socket.routes()).contains(last).doesNotContain(other);
    });
  }

  @Test
  void addsRoutesOfOtherTablesAndKinds() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      socket.addAddress(new InterfaceAddress(index, ip("10.1.2.3"), 24));
      socket.addAddress(new InterfaceAddress(index, ip("fd00::3"), 64));
      List<Route> routes =
          List.of(
              Route.to(ip("0.0.0.0"), 0).via(ip("10.1.2.1")).link(index).table(100).build(),
              Route.to(ip("0.0.0.0"), 0).via(ip("10.1.2.1")).link(index).table(70_000).build(),
              Route.to(ip("10.3.0.0"), 16).via(ip("fd00::1")).link(index).build(),
              Route.to(ip("10.4.0.0"), 16).kind(Route.Kind.BLACKHOLE).build(),
              Route.to(ip("10.5.0.0"), 16).kind(Route.Kind.UNREACHABLE).build(),
              Route.to(ip("10.6.0.0"), 16).kind(Route.Kind.PROHIBIT).build(),
              Route.to(ip("10.7.0.0"), 16).kind(Route.Kind.THROW).table(100).build(),
              Route.to(ip("fd04::"), 64).kind(Route.Kind.BLACKHOLE).metric(9).build(),
              Route.to(ip("::"), 0).via(ip("fd00::1")).link(index).metric(9).table(300).build());
      routes.forEach(socket::addRoute);
      assertThat(socket.routes()).containsAll(routes);
      routes.forEach(socket::removeRoute);
      assertThat(socket.routes()).doesNotContainAnyElementsOf(routes);
      assertThat(socket.routes()).noneMatch(Route::partial);
    });
  }

  @Test
  void saysWhenThereIsMoreToARoute() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      socket.addAddress(new InterfaceAddress(index, ip("10.1.2.3"), 24));
      ip("route", "add", "10.8.0.0/16", "nexthop", "via", "10.1.2.1", "nexthop", "via", "10.1.2.2");
      Route several =
          fours(socket).stream()
              .filter(route -> route.destination().equals(ip("10.8.0.0")))
              .findFirst()
              .orElseThrow();
      assertThat(several.partial()).isTrue();
      assertThatThrownBy(() -> socket.addRoute(several))
          .isInstanceOf(IllegalArgumentException.class);
    });
  }

  @Test
  void addsRules() throws Exception {
    inOwnNamespace(socket -> {
      int theirs = socket.rules().size();
      assertThat(theirs).isEqualTo(5);
      List<Rule> rules =
          List.of(
              Rule.from(new Rule.Prefix(ip("10.1.2.3"), 32), 100, 1000),
              Rule.from(new Rule.Prefix(ip("fd00::"), 64), 70_000, 4_000_000_000L),
              new Rule(
                  false,
                  1001,
                  Rule.Action.LOOK_UP,
                  Route.MAIN_TABLE,
                  null,
                  new Rule.Prefix(ip("10.0.0.0"), 8),
                  0x10,
                  0xcafe,
                  0xffff,
                  "in0",
                  "out0",
                  true,
                  0,
                  false),
              new Rule(
                  true,
                  1002,
                  Rule.Action.PROHIBIT,
                  0,
                  null,
                  null,
                  0,
                  1,
                  1,
                  "",
                  "",
                  false,
                  -1,
                  false));
      rules.forEach(socket::addRule);
      assertThat(socket.rules()).containsAll(rules).hasSize(theirs + rules.size());
      assertRefused(Errno.EEXIST, "netlink", "10.1.2.3", () -> socket.addRule(rules.getFirst()));
      ip("rule", "add", "priority", "1003", "ipproto", "tcp", "dport", "80", "table", "7");
      assertThat(socket.rules())
          .filteredOn(Rule::partial)
          .singleElement()
          .satisfies(rule -> {
            assertThat(rule.priority()).isEqualTo(1003);
            assertThatThrownBy(() -> socket.addRule(rule))
                .isInstanceOf(IllegalArgumentException.class);
          });
      rules.forEach(socket::removeRule);
      assertThat(socket.rules()).doesNotContainAnyElementsOf(rules);
      assertRefused(Errno.ENOENT, "netlink", "10.1.2.3", () -> socket.removeRule(rules.getFirst()));
    });
  }

  @Test
  void refusesRulesThatCannotBe() {
    assertThatThrownBy(() -> new Rule.Prefix(ip("10.0.0.0"), 33))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Rule.from(new Rule.Prefix(ip("10.0.0.0"), 8), -1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() ->
            new Rule(
                true,
                1,
                Rule.Action.LOOK_UP,
                1,
                new Rule.Prefix(ip("10.0.0.0"), 8),
                null,
                0,
                0,
                0,
                "",
                "",
                false,
                -1,
                false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesRoutesThatCannotBe() {
    assertThatThrownBy(() -> Route.onLink(ip("10.0.0.0"), 33, 1))
        .isInstanceOf(IllegalArgumentException.class);
    for (Route.Builder wrong :
        List.of(
            Route.to(ip("::"), 0).via(ip("10.0.0.1")),
            Route.to(ip("0.0.0.0"), 0).source(ip("::1")),
            Route.to(ip("::"), 0).metric(-1),
            Route.to(ip("::"), 0).metric(1L << 32),
            Route.to(ip("::"), 0).table(1L << 32),
            Route.to(ip("::"), 0).protocol(256))) {
      assertThatThrownBy(wrong::build).isInstanceOf(IllegalArgumentException.class);
    }
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
  void answersForOthers() throws Exception {
    inOwnNamespace(socket -> {
      int index = upLink(socket);
      socket.addProxy(index, ip("fd00::9"));
      socket.addProxy(index, ip("10.1.2.9"));
      assertThat(ip("-6", "neighbour", "show", "proxy")).contains("fd00::9 dev eth0");
      assertThat(ip("-4", "neighbour", "show", "proxy")).contains("10.1.2.9 dev eth0");
      socket.removeProxy(index, ip("fd00::9"));
      assertThat(ip("-6", "neighbour", "show", "proxy")).isEmpty();
      assertRefused(
          Errno.ENOENT, "netlink", "fd00:", () -> socket.removeProxy(index, ip("fd00::9")));
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
