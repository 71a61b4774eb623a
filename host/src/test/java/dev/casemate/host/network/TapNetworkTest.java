package dev.casemate.host.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.casemate.core.MachineCapabilities;
import dev.casemate.core.MachineCapability;
import dev.casemate.core.MachineDevice;
import dev.casemate.core.SandboxNetwork.Sight;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Poll;
import dev.casemate.linux.TapDevice;
import dev.casemate.linux.netlink.RouteSocket;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.network.PodAddress;
import dev.casemate.model.network.PodInterface;
import dev.casemate.model.network.PodNeighbour;
import dev.casemate.model.network.PodNetwork;
import dev.casemate.model.network.PodRoute;
import dev.casemate.model.network.PodRule;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.NamespaceType;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the kernel's own interfaces, in a namespace of the test. */
class TapNetworkTest {
  private static final MachineCapabilities FIXED = new MachineCapabilities("test", Set.of());
  private static final MachineCapabilities HOTPLUG =
      new MachineCapabilities("test", Set.of(MachineCapability.NETWORK_HOTPLUG));
  private static final NetworkOptions OPTIONS =
      new NetworkOptions(1, 1, new NetworkOptions.RateLimits(0, 0));
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int HEADER_BYTES = 10;

  @TempDir Path scratch;

  private final List<String> notes = new ArrayList<>();
  private final List<SandboxNamespace> opens = new ArrayList<>();
  private TestNamespace namespace;
  private TestNamespace outside;
  private Path run = Path.of("/nonexistent");

  @BeforeEach
  void makeNamespaces() throws Exception {
    namespace = new TestNamespace();
    outside = new TestNamespace();
    run = Files.createDirectory(scratch.resolve("0123456789ab"));
  }

  @AfterEach
  void removeNamespaces() {
    opens.forEach(SandboxNamespace::close);
    namespace.close();
    outside.close();
  }

  private TapNetwork network(NetworkOptions options) {
    SandboxNamespace opened = SandboxNamespace.open(namespace.file());
    opens.add(opened);
    return new TapNetwork(opened, run, options, notes::add);
  }

  /** A pair of interfaces, one in the pod's namespace and one outside. */
  private void pair(String name, String mac) {
    namespace.ip("link add " + name + " address " + mac + " type veth peer name o-" + name);
    namespace.ip("link set o-" + name + " netns " + outside.file());
    outside.ip("link set o-" + name + " up");
    namespace.ip("link set " + name + " up");
  }

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  private static PodInterface only(PodNetwork network) {
    assertThat(network.interfaces()).hasSize(1);
    return network.interfaces().getFirst();
  }

  /** The interfaces that are there, but the loopback. */
  private String links() {
    return namespace.ip("-br link").replaceAll("(?m)^lo .*\n", "");
  }

  @Test
  void tellsAllThatIsInTheNamespace() {
    pair("eth0", "02:11:22:33:44:55");
    namespace.ip("link set eth0 mtu 1400");
    namespace.ip("addr add 10.1.2.3/24 brd 10.1.2.255 dev eth0");
    namespace.ip("addr add fd00::3/64 dev eth0 nodad");
    namespace.ip("route add default via 10.1.2.1 dev eth0 metric 50 mtu 1300");
    namespace.ip("-6 route add default via fd00::1 dev eth0 metric 60");
    namespace.ip("route add 10.9.0.0/16 via 192.168.7.7 dev eth0 onlink");
    namespace.ip("route add blackhole 10.66.0.0/16");
    namespace.ip("route add default via 10.1.2.1 dev eth0 table 100");
    namespace.ip("rule add from 10.1.2.3 lookup 100 priority 1000");
    namespace.ip("neigh add 10.1.2.1 lladdr 02:00:00:00:00:99 dev eth0 nud permanent");
    namespace.ip("neigh add 10.1.2.7 lladdr 02:00:00:00:00:77 dev eth0 nud stale");
    try (TapNetwork network = network(OPTIONS)) {
      network.open(FIXED);
      Sight sight = network.look();

      PodInterface eth0 = only(sight.network());
      assertThat(eth0.card()).isEqualTo("02:11:22:33:44:55");
      assertThat(eth0.name()).isEqualTo("eth0");
      assertThat(eth0.hardwareAddress()).isEqualTo("02:11:22:33:44:55");
      assertThat(eth0.mtu()).isEqualTo(1400);
      assertThat(eth0.noArp()).isFalse();
      assertThat(eth0.addresses())
          .contains(
              new PodAddress(ip("10.1.2.3"), 24, null, ip("10.1.2.255"), 0),
              new PodAddress(ip("fd00::3"), 64, null, null, 0));
      assertThat(sight.network().routes())
          .extracting(
              PodRoute::destination,
              PodRoute::prefixLength,
              PodRoute::gateway,
              PodRoute::metric,
              PodRoute::table,
              PodRoute::onLink,
              PodRoute::device,
              r -> r.metrics().get(2))
          .contains(
              tuple("0.0.0.0", 0, "10.1.2.1", 50, 254, false, "eth0", 1300),
              tuple("::", 0, "fd00::1", 60, 254, false, "eth0", null),
              tuple("10.9.0.0", 16, "192.168.7.7", 0, 254, true, "eth0", null),
              tuple("0.0.0.0", 0, "10.1.2.1", 0, 100, false, "eth0", null),
              tuple("10.66.0.0", 16, null, 0, 254, false, "", null),
              tuple("10.1.2.0", 24, null, 0, 254, false, "eth0", null));
      assertThat(sight.network().rules())
          .extracting(PodRule::source, PodRule::table, PodRule::priority)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(ip("10.1.2.3"), 100L, 1000L));
      assertThat(sight.network().neighbours())
          .containsExactly(new PodNeighbour("eth0", ip("10.1.2.1"), "02:00:00:00:00:99"));
      assertThat(sight.withoutCard()).isEmpty();
      assertThat(notes).isEmpty();
      assertThat(network.look()).as("nothing has changed").isEqualTo(sight);
    }
  }

  private static org.assertj.core.groups.Tuple tuple(
      String destination,
      int length,
      @org.jspecify.annotations.Nullable String gateway,
      long metric,
      long table,
      boolean onLink,
      String device,
      @org.jspecify.annotations.Nullable Integer mtu) {
    return org.assertj.core.groups.Tuple.tuple(
        ip(destination),
        length,
        gateway == null ? null : ip(gateway),
        metric,
        table,
        onLink,
        device,
        mtu);
  }

  private static Descriptor queue(MachineDevice device) {
    MachineDevice.NetworkCard card = (MachineDevice.NetworkCard) device;
    return Descriptor.duplicateOf(card.queues().getFirst());
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

  /** Waits for a frame of ours among those that kernels send unasked. */
  private static byte[] receive(Descriptor queue) {
    byte[] buffer = new byte[4096];
    while (Poll.awaitReadable(queue, BOUND)) {
      byte[] frame = Arrays.copyOf(buffer, queue.read(buffer, 0, buffer.length));
      System.arraycopy(buffer, 0, frame, 0, frame.length);
      if (frame[HEADER_BYTES + 12] == (byte) 0x88 && frame[HEADER_BYTES + 13] == (byte) 0xb5) {
        return frame;
      }
    }
    throw new AssertionError("no frame comes");
  }

  /** What the machine's card sends and receives is what is on the interface's wire. */
  @Test
  void carriesFramesBothWays() {
    namespace.ip("link add eth0 type veth peer name wire");
    for (String link : List.of("eth0", "wire")) {
      namespace.ip("link set " + link + " up");
    }
    namespace.ip("link set wire netns " + outside.file());
    try (TapDevice far = outsideTap();
        TapNetwork network = network(OPTIONS)) {
      List<MachineDevice> cards = network.open(FIXED);
      network.look();
      try (Descriptor card = queue(cards.getFirst())) {
        for (int mark = 1; mark < 6; mark++) {
          card.writeAll(frame(mark));
          assertThat(receive(far.queues().getFirst())).isEqualTo(frame(mark));
          far.queues().getFirst().writeAll(frame(mark + 100));
          assertThat(receive(card)).isEqualTo(frame(mark + 100));
        }
      }
    }
  }

  /** A tap that is bridged with the other end of the wire. */
  private TapDevice outsideTap() {
    TapDevice far =
        dev.casemate.linux.Namespace.NETWORK.within(
            outside.descriptor(), () -> TapDevice.open("far", 1));
    outside.ip("link add br0 type bridge");
    for (String link : List.of("far", "wire")) {
      outside.ip("link set " + link + " master br0 up");
    }
    outside.ip("link set br0 up");
    return far;
  }

  @Test
  void leavesNothingBehind() {
    pair("eth0", "02:11:22:33:44:55");
    pair("net1", "02:11:22:33:44:56");
    String before = links() + namespace.tc("qdisc show");
    NetworkOptions limited =
        new NetworkOptions(1, 0, new NetworkOptions.RateLimits(1_000_000, 2_000_000));
    try (TapNetwork network = network(limited)) {
      assertThat(network.open(FIXED)).hasSize(2);
      network.look();
      assertThat(links()).contains("casemate0", "casemate1");
      assertThat(namespace.tc("qdisc show dev casemate0")).contains("rate 1Mbit");
      assertThat(namespace.tc("qdisc show dev eth0")).contains("rate 2Mbit").contains("ingress");
    }
    assertThat(links() + namespace.tc("qdisc show")).isEqualTo(before);
    assertThat(run).isEmptyDirectory();
  }

  @Test
  void cleansUpAfterOneThatDied() {
    pair("eth0", "02:11:22:33:44:55");
    String before = links() + namespace.tc("qdisc show");
    NetworkOptions limited =
        new NetworkOptions(1, 0, new NetworkOptions.RateLimits(1_000_000, 2_000_000));
    TapNetwork dead = network(limited);
    List<MachineDevice> cards = dead.open(FIXED);
    dead.look();
    // As when the process is killed: its descriptors close, and nothing else happens.
    for (MachineDevice device : cards) {
      for (int number : ((MachineDevice.NetworkCard) device).queues()) {
        Descriptor.adopt(number).close();
      }
    }
    assertThat(namespace.tc("filter show dev eth0 ingress")).contains("u32");

    new NetworkTraces(run).remove();

    assertThat(links() + namespace.tc("qdisc show")).isEqualTo(before);
    assertThat(run).isEmptyDirectory();
    new NetworkTraces(run).remove();
  }

  @Test
  void takesOverFromOneThatDied() throws Exception {
    pair("eth0", "02:11:22:33:44:55");
    TapNetwork dead = network(OPTIONS);
    for (MachineDevice device : dead.open(FIXED)) {
      dead.look();
      for (int number : ((MachineDevice.NetworkCard) device).queues()) {
        Descriptor.adopt(number).close();
      }
    }
    run = Files.createDirectory(scratch.resolve("ba9876543210"));
    try (TapNetwork next = network(OPTIONS)) {
      next.open(FIXED);
      assertThat(only(next.look().network()).name()).isEqualTo("eth0");
    }
  }

  @Test
  void hasSpareCardsOnlyWhereInterfacesMayComeLateAndOnlyForAMachineThatTakesNoneThen() {
    try (TapNetwork network = network(OPTIONS)) {
      assertThat(network.open(FIXED)).hasSize(1);
    }
    try (TapNetwork network = network(OPTIONS)) {
      assertThat(network.open(HOTPLUG)).isEmpty();
    }
    pair("eth0", "02:11:22:33:44:55");
    try (TapNetwork network = network(OPTIONS)) {
      assertThat(network.open(FIXED)).hasSize(1);
    }
    try (SandboxNamespace made = SandboxNamespace.make()) {
      namespace.ip("link add eth7 type veth peer name other");
      namespace.ip("link set eth7 netns " + made.file());
      made.within(() -> {
        try (RouteSocket socket = RouteSocket.open()) {
          socket.setUp(socket.link("eth7").orElseThrow().index(), true);
        }
        return true;
      });
      try (TapNetwork network = new TapNetwork(made, run, OPTIONS, notes::add)) {
        assertThat(network.open(FIXED)).hasSize(2);
      }
    }
  }

  @Test
  void givesCardsToInterfacesThatComeAndTakesThemFromThoseThatGo() {
    try (TapNetwork network = network(OPTIONS)) {
      assertThat(network.open(FIXED)).hasSize(1);
      assertThat(network.look().network()).isEqualTo(PodNetwork.NONE);

      pair("eth0", "02:11:22:33:44:55");
      PodInterface eth0 = only(network.look().network());
      assertThat(eth0.name()).isEqualTo("eth0");
      assertThat(eth0.hardwareAddress()).isEqualTo("02:11:22:33:44:55");
      assertThat(eth0.card()).isNotEqualTo(eth0.hardwareAddress());

      pair("net1", "02:11:22:33:44:56");
      Sight sight = network.look();
      assertThat(only(sight.network()).name()).isEqualTo("eth0");
      assertThat(sight.withoutCard()).containsExactly("net1");

      namespace.ip("link del eth0");
      sight = network.look();
      assertThat(only(sight.network()).name()).isEqualTo("net1");
      assertThat(only(sight.network()).card()).isEqualTo(eth0.card());
      assertThat(sight.withoutCard()).isEmpty();

      namespace.ip("link set net1 mtu 1300");
      assertThat(only(network.look().network()).mtu()).isEqualTo(1300);
      assertThat(links()).contains("casemate0");
      assertThat(namespace.ip("link show casemate0")).contains("mtu 1300");
    }
  }

  @Test
  void hearsOfChanges() throws Exception {
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (TapNetwork network = network(OPTIONS)) {
      network.open(FIXED);
      network.listen(() -> heard.add("changed"));
      pair("eth0", "02:11:22:33:44:55");
      assertThat(heard.poll(BOUND.toSeconds(), TimeUnit.SECONDS)).isEqualTo("changed");
    }
  }

  @Test
  void connectsEachKindOfEthernetInterface() {
    outside.ip("link add under type veth peer name under2");
    outside.ip("link set under up");
    outside.ip("link add mv0 link under type macvlan mode bridge");
    outside.ip("link set mv0 netns " + namespace.file());
    namespace.ip("link set mv0 up");
    pair("eth0", "02:11:22:33:44:55");
    namespace.ip("link add link eth0 name mv1 type macvlan mode bridge");
    namespace.ip("link set mv1 up");
    namespace.ip("link add br0 type bridge");
    namespace.ip("link set br0 up");
    pair("port", "02:11:22:33:44:57");
    namespace.ip("link set port master br0");
    namespace.ip("link add off type veth peer name off2");
    namespace.ip("link set lo up");
    try (TapNetwork network = network(OPTIONS)) {
      network.open(FIXED);
      assertThat(network.look().network().interfaces())
          .extracting(PodInterface::name)
          .containsExactlyInAnyOrder("mv0", "eth0");
      assertThat(notes)
          .containsExactlyInAnyOrder(
              "the interface mv1 is not in the machine:"
                  + " it stands on another one of the same namespace",
              "the interface br0 is not in the machine: it is a bridge within the namespace",
              "the interface port is not in the machine: it is a port of another one");
    }
  }

  @Test
  void tellsInterfacesWithOneAddressApart() {
    pair("eth0", "02:11:22:33:44:55");
    pair("eth1", "02:11:22:33:44:55");
    try (TapNetwork network = network(OPTIONS)) {
      network.open(FIXED);
      assertThat(network.look().network().interfaces())
          .extracting(PodInterface::card)
          .doesNotHaveDuplicates()
          .hasSize(2);
    }
  }

  @Test
  void refusesAnInterfaceThatIsFilteredAlready() {
    pair("eth0", "02:11:22:33:44:55");
    namespace.tc("qdisc add dev eth0 clsact");
    namespace.tc("filter add dev eth0 ingress protocol ip u32 match u32 0 0 classid 1:1");
    try (TapNetwork network = network(OPTIONS)) {
      network.open(FIXED);
      CasemateException failure = catchThrowableOfType(CasemateException.class, network::look);
      assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED);
      assertThat(failure.tried()).contains("eth0");
    }
    assertThat(namespace.tc("filter show dev eth0 ingress")).contains("u32");
  }

  @Test
  void refusesTheHostsNetworkBeforeAnythingIsTouched() {
    for (String file : List.of("/proc/self/ns/net", "/proc/thread-self/ns/net")) {
      CasemateException failure = refused(Path.of(file));
      assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED);
      assertThat(failure.why()).contains("host's own");
    }
  }

  private static CasemateException refused(Path file) {
    return catchThrowableOfType(CasemateException.class, () -> SandboxNamespace.open(file).close());
  }

  @Test
  void saysThatThereIsNoNamespace() {
    CasemateException failure = refused(Path.of("/run/netns/none"));
    assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(failure.tried()).contains("/run/netns/none");
  }

  @Test
  void saysThatAFileIsNoNetworkNamespace() {
    for (String file : List.of("/proc/self/ns/uts", "/proc/self/status")) {
      CasemateException failure = refused(Path.of(file));
      assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(failure.tried()).contains(file);
    }
  }

  @Test
  void aMadeNamespaceLivesAsLongAsItIsOpen() {
    SandboxNamespace made = SandboxNamespace.make();
    try (SandboxNamespace again = SandboxNamespace.open(made.file())) {
      assertThat(again.inode()).isEqualTo(made.inode());
    }
    Path file = made.file();
    long inode = made.inode();
    made.close();
    assertThat(SandboxNamespace.find(file, inode)).isEmpty();
  }

  @Test
  void aMadeNamespaceTakesThePlaceOfANewOne() {
    try (SandboxNamespace made = SandboxNamespace.make()) {
      Namespace named = new Namespace(NamespaceType.NETWORK, "/run/netns/other");
      Namespace names = new Namespace(NamespaceType.UTS, null);
      assertThat(
              made.forContainer(List.of(names, new Namespace(NamespaceType.NETWORK, null), named)))
          .containsExactly(
              names, new Namespace(NamespaceType.NETWORK, made.file().toString()), named);
    }
  }

  @Test
  void hasSeveralQueuesWhereTheyAreWanted() {
    pair("eth0", "02:11:22:33:44:55");
    try (TapNetwork network =
        network(new NetworkOptions(3, 0, new NetworkOptions.RateLimits(0, 0)))) {
      MachineDevice.NetworkCard card = (MachineDevice.NetworkCard) network.open(FIXED).getFirst();
      assertThat(card.queues()).hasSize(3).doesNotHaveDuplicates();
      assertThat(namespace.ip("-d link show casemate0")).contains("multi_queue");
    }
  }
}
