package dev.casemate.linux.netlink;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.linux.CommandOutput;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.Namespace;
import dev.casemate.linux.OwnThread;
import dev.casemate.linux.Poll;
import dev.casemate.linux.TapDevice;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each test works in a network namespace that goes with its thread. */
class TrafficControlTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  /** struct virtio_net_hdr. */
  private static final int HEADER_BYTES = 10;

  private interface Work {
    void run(RouteSocket socket, TrafficControl control) throws Exception;
  }

  private static void inOwnNamespace(Work work) throws Exception {
    OwnThread.run(() -> {
      Namespace.unshare(Namespace.NETWORK);
      try (RouteSocket socket = RouteSocket.open()) {
        work.run(socket, socket.trafficControl());
      }
    });
  }

  private static int index(RouteSocket socket, String name) {
    return socket.link(name).orElseThrow().index();
  }

  /** A frame that is no IP, so that nobody answers it, behind an empty header. */
  private static byte[] frame(int mark) {
    byte[] frame = new byte[HEADER_BYTES + 60];
    Arrays.fill(frame, HEADER_BYTES, HEADER_BYTES + 6, (byte) 0xff);
    frame[HEADER_BYTES + 6] = 2;
    // An EtherType for experiments: IEEE 802, 0x88b5.
    frame[HEADER_BYTES + 12] = (byte) 0x88;
    frame[HEADER_BYTES + 13] = (byte) 0xb5;
    frame[HEADER_BYTES + 14] = (byte) mark;
    return frame;
  }

  private static byte[] receive(Descriptor queue) {
    assertThat(Poll.awaitReadable(queue, BOUND)).as("a frame comes").isTrue();
    byte[] buffer = new byte[4096];
    return Arrays.copyOf(buffer, queue.read(buffer, 0, buffer.length));
  }

  @Test
  void redirectsBothWays() throws Exception {
    inOwnNamespace((socket, control) -> {
      try (TapDevice left = TapDevice.open("left", 1);
          TapDevice right = TapDevice.open("right", 1)) {
        int l = index(socket, "left");
        int r = index(socket, "right");
        for (int link : new int[] {l, r}) {
          socket.generateNoAddresses(link);
          control.addIngress(link);
          control.addRedirect(new Redirect(link, 1, link == l ? r : l, "who"));
          socket.setUp(link, true);
        }
        for (int mark = 1; mark < 20; mark++) {
          byte[] frame = frame(mark);
          Descriptor from = (mark % 2 == 0 ? left : right).queues().getFirst();
          Descriptor to = (mark % 2 == 0 ? right : left).queues().getFirst();
          from.writeAll(frame);
          assertThat(receive(to)).isEqualTo(frame);
        }
      }
    });
  }

  @Test
  void tellsTheFiltersOfAnInterface() throws Exception {
    inOwnNamespace((socket, control) -> {
      socket.addLink("eth0", "veth");
      int eth = index(socket, "eth0");
      int veth = index(socket, "veth0");
      assertThat(control.hasIngress(eth)).isFalse();
      assertThat(control.filters(eth)).isEmpty();
      control.addIngress(eth);
      assertThat(control.hasIngress(eth)).isTrue();
      assertThat(control.hasIngress(veth)).isFalse();
      assertRefused(Errno.EEXIST, "netlink", "ingress of", () -> control.addIngress(eth));

      Redirect redirect = new Redirect(eth, 7, veth, "sixteen-bytes-01");
      Redirect nobodys = new Redirect(eth, 9, veth, "");
      control.addRedirect(nobodys);
      control.addRedirect(redirect);
      CommandOutput.of(
          List.of(
              "tc",
              "filter",
              "add",
              "dev",
              "eth0",
              "ingress",
              "protocol",
              "all",
              "pref",
              "8",
              "u32",
              "match",
              "u32",
              "0",
              "0",
              "action",
              "mirred",
              "ingress",
              "redirect",
              "dev",
              "veth0"));
      assertThat(control.filters(eth))
          .containsExactly(redirect, new Filter.Other(eth, 8, "u32"), nobodys);
      control.removeFilters(eth, 8);
      assertThat(control.filters(eth)).containsExactly(redirect, nobodys);
      assertRefused(Errno.ENOENT, "netlink", "filters of", () -> control.removeFilters(eth, 8));
      control.removeIngress(eth);
      assertThat(control.hasIngress(eth)).isFalse();
      assertRefused(Errno.EINVAL, "netlink", "ingress of", () -> control.removeIngress(eth));
    });
  }

  @Test
  void worksOnAPlaceThatSomebodyElseMade() throws Exception {
    inOwnNamespace((socket, control) -> {
      socket.addLink("eth0", "veth");
      int eth = index(socket, "eth0");
      CommandOutput.of(List.of("tc", "qdisc", "add", "dev", "eth0", "clsact"));
      assertThat(control.hasIngress(eth)).isTrue();
      Redirect redirect = new Redirect(eth, 1, index(socket, "veth0"), "us");
      control.addRedirect(redirect);
      assertThat(control.filters(eth)).containsExactly(redirect);
      control.removeFilters(eth, 1);
      assertThat(control.filters(eth)).isEmpty();
    });
  }

  @Test
  void tellsThatATargetIsGone() throws Exception {
    inOwnNamespace((socket, control) -> {
      socket.addLink("eth0", "veth");
      int eth = index(socket, "eth0");
      try (TapDevice tap = TapDevice.open("tap%d", 1)) {
        control.addIngress(eth);
        control.addRedirect(new Redirect(eth, 1, index(socket, tap.name()), "us"));
      }
      assertThat(control.filters(eth)).containsExactly(new Redirect(eth, 1, 0, "us"));
    });
  }

  @Test
  void limitsARate() throws Exception {
    inOwnNamespace((socket, control) -> {
      socket.addLink("eth0", "veth");
      int eth = index(socket, "eth0");
      control.removeLimit(eth);
      for (long rate : new long[] {8, 1_000_000, 10_000_000_000L, 100_000_000_000L}) {
        control.limitRate(eth, rate);
        String shown = CommandOutput.of(List.of("tc", "-json", "qdisc", "show", "dev", "eth0"));
        assertThat(shown).contains("\"kind\":\"tbf\"").contains("\"rate\":" + rate / 8 + ",");
        assertRefused(
            Errno.EEXIST, "netlink", "rate of link", () -> control.limitRate(eth, 1_000_000));
        control.removeLimit(eth);
        assertThat(CommandOutput.of(List.of("tc", "qdisc", "show", "dev", "eth0")))
            .doesNotContain("tbf");
      }
      assertThatThrownBy(() -> control.limitRate(eth, 7))
          .isInstanceOf(IllegalArgumentException.class);
    });
  }

  @Test
  void dropsWhatIsOverTheRate() throws Exception {
    inOwnNamespace((socket, control) -> {
      try (TapDevice tap = TapDevice.open("tap0", 1)) {
        int link = index(socket, "tap0");
        socket.generateNoAddresses(link);
        socket.setUp(link, true);
        control.limitRate(link, 8_000);
        socket.addAddress(new InterfaceAddress(link, RouteSocketTest.ip("10.1.2.3"), 24));
        socket.addNeighbour(
            new Neighbour(
                link,
                RouteSocketTest.ip("10.1.2.9"),
                MacAddress.parse("02:00:00:00:00:09"),
                Neighbour.PERMANENT));
        byte[] content = new byte[1400];
        try (java.net.DatagramSocket sender = new java.net.DatagramSocket()) {
          for (int i = 0; i < 200; i++) {
            sender.send(
                new java.net.DatagramPacket(
                    content, content.length, RouteSocketTest.ip("10.1.2.9"), 9));
          }
        }
        // A burst of 64 KiB passes; of the other 220 KB nearly nothing at a thousand bytes a
        // second.
        int passed = 0;
        while (Poll.awaitReadable(tap.queues().getFirst(), Duration.ZERO)) {
          assertThat(receive(tap.queues().getFirst())).hasSizeGreaterThan(1400);
          passed++;
        }
        assertThat(passed).isBetween(30, 60);
      }
    });
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> new Redirect(1, 0, 2, ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Redirect(1, 1 << 16, 2, ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Redirect(1, 1, 2, "seventeen-bytes-1"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
