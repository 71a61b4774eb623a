package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.casemate.linux.Namespace;
import dev.casemate.protocol.agent.ConfigureNetworkRequest;
import dev.casemate.protocol.agent.NetworkAddress;
import dev.casemate.protocol.agent.NetworkInterface;
import dev.casemate.protocol.agent.NetworkNeighbour;
import dev.casemate.protocol.agent.NetworkRoute;
import dev.casemate.protocol.agent.NetworkRule;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a guest makes of a description, in a namespace of the test with wires for cards. */
class NetworkConfigurationTest {
  private static final String CARD = "02:00:00:00:00:01";
  private static final String OTHER_CARD = "02:00:00:00:00:02";
  private static final long BOUND_SECONDS = 120;

  private final GuestNetwork network = new GuestNetwork();

  /** Does work on a thread in a namespace of its own, in which the programs that it runs are. */
  private static void inNewNamespace(Callable<Void> work) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(() -> {
          Namespace.unshare(Namespace.NETWORK);
          ip("link set lo up");
          ip("link add card0 address " + CARD + " type veth peer name far0");
          ip("link add card1 address " + OTHER_CARD + " type veth peer name far1");
          ip("link set far0 up");
          ip("link set far1 up");
          return work.call();
        });
    Thread.ofPlatform().daemon().name("guest").start(task);
    task.get(BOUND_SECONDS, TimeUnit.SECONDS);
  }

  private static String ip(String words) throws IOException, InterruptedException {
    java.util.ArrayList<String> command = new java.util.ArrayList<>(List.of("ip"));
    command.addAll(List.of(words.split(" ")));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(words + ": " + output).isZero();
    return output;
  }

  private static ByteString bytes(String literal) {
    return ByteString.copyFrom(InetAddress.ofLiteral(literal).getAddress());
  }

  private static NetworkInterface card(String card, String name, String address, int prefix) {
    return NetworkInterface.newBuilder()
        .setCard(card)
        .setName(name)
        .setHardwareAddress(card)
        .setMtu(1400)
        .addAddresses(
            NetworkAddress.newBuilder().setAddress(bytes(address)).setPrefixLength(prefix))
        .build();
  }

  private static NetworkRoute.Builder route(String destination, int length, String device) {
    return NetworkRoute.newBuilder()
        .setDestination(bytes(destination))
        .setPrefixLength(length)
        .setKind(1)
        .setDevice(device)
        .setTable(254)
        .setProtocol(4);
  }

  private static ConfigureNetworkRequest all() {
    return ConfigureNetworkRequest.newBuilder()
        .addInterfaces(card(CARD, "eth0", "10.1.2.3", 24))
        .addInterfaces(card(OTHER_CARD, "net1", "fd00::3", 64))
        // The one with a gateway first: the order in which it can be done is not the caller's.
        .addRoutes(
            route("0.0.0.0", 0, "eth0")
                .setGateway(bytes("10.1.2.1"))
                .setMetric(50)
                .putMetrics(2, 1300))
        .addRoutes(route("10.1.2.0", 24, "eth0").setScope(253))
        .addRoutes(route("fd00::", 64, "net1").setMetric(256))
        .addRoutes(route("10.66.0.0", 16, "").setKind(6))
        .addRoutes(route("10.77.0.0", 16, "eth0").setTable(100).setScope(253))
        .addRules(
            NetworkRule.newBuilder()
                .setPriority(1000)
                .setAction(1)
                .setTable(100)
                .setSource(bytes("10.1.2.3"))
                .setSourceLength(32)
                .setSuppressedLength(-1))
        .addNeighbours(
            NetworkNeighbour.newBuilder()
                .setDevice("eth0")
                .setAddress(bytes("10.1.2.77"))
                .setHardwareAddress("02:00:00:00:00:77"))
        .build();
  }

  @Test
  void makesAllThatIsDescribedAndAgain() throws Exception {
    inNewNamespace(() -> {
      for (int i = 0; i < 2; i++) {
        network.configure(all());

        assertThat(ip("addr show dev eth0")).contains("mtu 1400").contains("inet 10.1.2.3/24");
        assertThat(ip("addr show dev net1")).contains("inet6 fd00::3/64");
        assertThat(ip("route"))
            .contains("default via 10.1.2.1 dev eth0")
            .contains("metric 50 mtu 1300")
            .contains("10.1.2.0/24 dev eth0")
            .contains("blackhole 10.66.0.0/16");
        assertThat(ip("-6 route")).contains("fd00::/64 dev net1");
        assertThat(ip("route show table 100")).contains("10.77.0.0/16 dev eth0");
        assertThat(ip("rule")).contains("1000:\tfrom 10.1.2.3 lookup 100");
        assertThat(ip("neigh")).contains("10.1.2.77 dev eth0 lladdr 02:00:00:00:00:77 PERMANENT");
      }
      return null;
    });
  }

  @Test
  void takesBackWhatIsNotDescribedAnyMoreAndNothingElse() throws Exception {
    inNewNamespace(() -> {
      network.configure(all());
      ip("route add 10.88.0.0/16 dev eth0");
      ip("link add mine type veth peer name ours");

      network.configure(
          ConfigureNetworkRequest.newBuilder()
              .addInterfaces(card(CARD, "eth0", "10.1.2.3", 24))
              .addRoutes(route("10.1.2.0", 24, "eth0").setScope(253))
              .build());

      assertThat(ip("route"))
          .contains("10.1.2.0/24", "10.88.0.0/16")
          .doesNotContain("default", "blackhole");
      assertThat(ip("rule")).doesNotContain("10.1.2.3");
      assertThat(ip("neigh")).doesNotContain("10.1.2.77");
      assertThat(ip("link")).contains("mine").doesNotContain("net1");

      network.configure(
          ConfigureNetworkRequest.newBuilder()
              .addInterfaces(card(CARD, "eth0", "10.1.2.4", 24))
              .build());
      assertThat(ip("addr show dev eth0")).contains("10.1.2.4/24").doesNotContain("10.1.2.3/24");

      network.configure(ConfigureNetworkRequest.getDefaultInstance());
      assertThat(ip("link")).contains("mine").doesNotContain("eth0");
      assertThat(ip("-4 addr")).doesNotContain("10.1.2");
      return null;
    });
  }

  @Test
  void interfacesMayTakeEachOthersNames() throws Exception {
    inNewNamespace(() -> {
      network.configure(
          ConfigureNetworkRequest.newBuilder()
              .addInterfaces(card(CARD, "card1", "10.1.2.3", 24))
              .addInterfaces(card(OTHER_CARD, "card0", "10.1.3.3", 24))
              .build());

      assertThat(ip("addr show dev card1")).contains(CARD).contains("10.1.2.3/24");
      assertThat(ip("addr show dev card0")).contains(OTHER_CARD).contains("10.1.3.3/24");
      return null;
    });
  }

  @Test
  void refusesWhatCannotBe() throws Exception {
    inNewNamespace(() -> {
      assertThatThrownBy(() ->
              network.configure(
                  ConfigureNetworkRequest.newBuilder()
                      .addInterfaces(card("02:00:00:00:00:99", "eth0", "10.1.2.3", 24))
                      .build()))
          .hasMessageContaining("no network card 02:00:00:00:00:99");
      for (ConfigureNetworkRequest impossible :
          List.of(
              ConfigureNetworkRequest.newBuilder()
                  .addInterfaces(card("nonsense", "eth0", "10.1.2.3", 24))
                  .build(),
              ConfigureNetworkRequest.newBuilder()
                  .addRoutes(route("10.1.2.0", 24, "").setGateway(ByteString.copyFrom(new byte[3])))
                  .build(),
              ConfigureNetworkRequest.newBuilder()
                  .addRoutes(route("10.1.2.0", 24, "nobody"))
                  .build())) {
        assertThatThrownBy(() -> network.configure(impossible))
            .isInstanceOf(RuntimeException.class);
      }
      assertThat(ip("-4 addr")).doesNotContain("10.1.2");
      return null;
    });
  }
}
