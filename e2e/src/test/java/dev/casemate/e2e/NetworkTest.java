package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CasemateCommand;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.NetworkNamespace;
import dev.casemate.testkit.RunningCommand;
import dev.casemate.testkit.SandboxProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Containers in a network namespace as plug-ins and engines fill it, and one beside it with a
 * bridge that stands for the rest of the world.
 */
@Tag("vm")
class NetworkTest {
  private static final String ID = "box";

  /** Addresses of the world; those of the pod are made up in each test. */
  private static final String WORLD4 = "10.1.2.1";

  private static final String WORLD6 = "fd00::1";

  /** What network tools need, by the names of capabilities(7). */
  private static final String NETWORK_CAPABILITIES =
      "[\"CAP_NET_ADMIN\",\"CAP_NET_RAW\",\"CAP_NET_BIND_SERVICE\",\"CAP_SETUID\",\"CAP_SETGID\"]";

  /** Asks by a socket of ping's own kind. */
  private static final String ECHO =
      """
      use Socket;
      alarm 60;
      socket(my $s, AF_INET, SOCK_DGRAM, 1) or die "socket: $!";
      send($s, pack("C2n3A8", 8, 0, 0, 0, 1, "casemate"), 0, sockaddr_in(0, inet_aton("%s")))
          or die "send: $!";
      recv($s, my $answer, 99, 0);
      print unpack("C", $answer) == 0 ? "echo reply" : "something else";
      """
          .formatted(WORLD4);

  @TempDir Path scratch;

  private CasemateCommand casemate = CasemateCommand.in(Path.of("/nonexistent"));
  private Leftovers leftovers = Leftovers.before();
  private @Nullable NetworkNamespace world;
  private @Nullable NetworkNamespace pod;

  @BeforeEach
  void makeTheWorld() {
    casemate = CasemateCommand.in(scratch);
    leftovers = Leftovers.before(casemate.stateDirectory());
    world = NetworkNamespace.make("casemate-world", scratch);
    world.run("ip link add br0 type bridge");
    world.run("ip link set br0 up");
    world.run("ip addr add " + WORLD4 + "/24 dev br0");
    world.run("ip addr add " + WORLD6 + "/64 dev br0 nodad");
    pod = NetworkNamespace.make("casemate-pod", scratch);
  }

  @AfterEach
  void nothingIsLeft() {
    casemate.run("delete", "--force", ID);
    pod().close();
    world().close();
    leftovers.mustBeNone();
  }

  private NetworkNamespace world() {
    return Objects.requireNonNull(world, "there is no world");
  }

  private NetworkNamespace pod() {
    return Objects.requireNonNull(pod, "there is no pod");
  }

  /** A wire from a namespace to the world's bridge, as a bridge plug-in makes one. */
  private void connect(Path namespace, String name, String mac, String... addresses) {
    String into = "nsenter --net=" + namespace + " -- ";
    world().run("ip link add w-" + name + " type veth peer name c-" + name);
    world().run("ip link set c-" + name + " netns " + namespace);
    world().run("ip link set w-" + name + " master br0 up");
    world().run(into + "ip link set c-" + name + " name " + name + " address " + mac);
    for (String address : addresses) {
      String noWait = address.contains(":") ? " nodad" : "";
      world().run(into + "ip addr add " + address + " dev " + name + noWait);
    }
    world().run(into + "ip link set " + name + " mtu 1400 up");
  }

  private Bundle bundle(String... args) {
    Bundle bundle = Bundle.in(scratch.resolve("bundle")).args(args);
    for (String set : new String[] {"bounding", "effective", "permitted"}) {
      bundle.set("process.capabilities." + set, NETWORK_CAPABILITIES);
    }
    return bundle.set("linux.sysctl", "{\"net.ipv4.ping_group_range\":\"0 2147483647\"}");
  }

  private Bundle inPod(String... args) {
    return bundle(args)
        .set(
            "linux.namespaces",
            "[{\"type\":\"pid\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"mount\"},"
                + "{\"type\":\"network\",\"path\":\""
                + pod().file()
                + "\"}]");
  }

  private String inside(String... command) {
    List<String> words = new ArrayList<>(List.of("exec", ID));
    words.addAll(List.of(command));
    return casemate.run(words.toArray(String[]::new)).mustSucceed().text();
  }

  /** Both directions: the guest's side answers, and is answered. */
  private void assertPings(String here, String there) {
    String family = here.contains(":") ? "-6" : "-4";
    assertThat(inside("ping", family, "-c", "1", "-W", "60", there)).contains("1 packets received");
    assertThat(world().run("busybox ping " + family + " -c 1 -W 60 " + here))
        .contains("1 packets received");
  }

  private String podDevices() {
    return pod().run("ip -br link").replaceAll("@\\S+", "") + pod().run("tc qdisc show");
  }

  @Test
  void aNamespaceThatIsGivenIsInTheGuestAsItIs() throws IOException {
    connect(pod().file(), "eth0", "02:11:22:33:44:55", "10.1.2.3/24", "fd00::3/64");
    connect(pod().file(), "net1", "02:11:22:33:44:56", "10.1.2.4/32");
    pod().run("ip route add default via 10.1.2.1 dev eth0 metric 50");
    pod().run("ip -6 route add default via fd00::1 dev eth0 metric 60");
    pod().run("ip route add 10.9.0.0/16 via 10.1.2.1 dev net1 onlink mtu 1300");
    pod().run("ip neigh add 10.1.2.77 lladdr 02:00:00:00:00:77 dev eth0 nud permanent");
    String before = podDevices();
    Bundle bundle = inPod("sleep", "1000");
    withHostPrograms(bundle);
    casemate.run("run", "--detach", "--bundle", bundle.write().toString(), ID).mustSucceed();

    assertThat(inside("cat", "/sys/class/net/eth0/address")).isEqualTo("02:11:22:33:44:55\n");
    assertThat(inside("cat", "/sys/class/net/eth0/mtu")).isEqualTo("1400\n");
    assertThat(inside("cat", "/sys/class/net/net1/address")).isEqualTo("02:11:22:33:44:56\n");
    assertThat(inside("ip", "addr", "show", "dev", "eth0"))
        .contains("inet 10.1.2.3/24")
        .contains("inet6 fd00::3/64");
    assertThat(inside("ip", "addr", "show", "dev", "net1")).contains("inet 10.1.2.4/32");
    assertThat(inside("/usr/bin/ip", "route"))
        .contains("default via 10.1.2.1 dev eth0 metric 50")
        .contains("10.1.2.0/24 dev eth0")
        .contains("10.9.0.0/16 via 10.1.2.1 dev net1 onlink mtu 1300");
    assertThat(inside("/usr/bin/ip", "-6", "route"))
        .contains("default via fd00::1 dev eth0 metric 60");
    assertThat(inside("/usr/bin/ip", "neigh"))
        .contains("10.1.2.77 dev eth0 lladdr 02:00:00:00:00:77");

    assertPings("10.1.2.3", WORLD4);
    assertPings("fd00::3", WORLD6);
    assertPings("10.1.2.4", WORLD4);
    // Not root, and without any capability, by ping_group_range; busybox does not know how.
    assertThat(inside("su", "user", "-s", "/bin/sh", "-c", "/usr/bin/perl -e '" + ECHO + "'"))
        .isEqualTo("echo reply");
    assertTcp();
    assertPacketFilter();

    casemate.run("delete", "--force", ID).mustSucceed();
    assertThat(podDevices()).isEqualTo(before);
  }

  /** Programs of this machine in the container, which has only busybox. */
  private static void withHostPrograms(Bundle bundle) throws IOException {
    Path rootfs = bundle.write().resolve("rootfs");
    Files.createDirectory(rootfs.resolve("usr"));
    // For iptables' lock.
    Files.createDirectory(rootfs.resolve("run"));
    Files.createSymbolicLink(rootfs.resolve("lib"), Path.of("usr/lib"));
    Files.createSymbolicLink(rootfs.resolve("lib64"), Path.of("usr/lib64"));
    bundle.add(
        "mounts",
        "{\"destination\":\"/usr\",\"type\":\"bind\",\"source\":\"/usr\","
            + "\"options\":[\"rbind\",\"ro\"]}");
  }

  private void assertTcp() throws IOException {
    inside("sh", "-c", "echo guest >/root/index.html; httpd -p 80 -h /root");
    for (String address : new String[] {"10.1.2.3", "[fd00::3]"}) {
      assertThat(world().run("busybox wget -q -O - http://" + address + "/")).isEqualTo("guest\n");
    }
    Path served = Files.createDirectory(scratch.resolve("served"));
    byte[] content = new byte[1 << 20];
    new java.util.Random(7).nextBytes(content);
    Files.write(served.resolve("file"), content);
    try (RunningCommand server =
        world().start("busybox", "httpd", "-f", "-p", WORLD4 + ":8080", "-h", served.toString())) {
      assertThat(inside("sh", "-c", "wget -q -O - http://" + WORLD4 + ":8080/file | sha256sum"))
          .startsWith(sha256(content));
      assertThat(server.process().isAlive()).isTrue();
    }
  }

  private static String sha256(byte[] content) {
    try {
      return java.util.HexFormat.of()
          .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** What the init container of a service mesh does: its traffic goes through a proxy. */
  private void assertPacketFilter() {
    for (String iptables : new String[] {"iptables-nft", "iptables-legacy"}) {
      String table = "/usr/sbin/" + iptables + " -t nat ";
      inside(
          "sh",
          "-c",
          table
              + "-N MESH && "
              + table
              + "-A OUTPUT -p tcp -m owner ! --uid-owner 1337 -d 10.1.2.99 -j MESH && "
              + table
              + "-A MESH -p tcp -j REDIRECT --to-ports 80");
      assertThat(inside("wget", "-q", "-O", "-", "http://10.1.2.99/")).isEqualTo("guest\n");
      inside("sh", "-c", table + "-F && " + table + "-X");
    }
  }

  /** Docker from 28 on: the engine looks the namespace up when the container is created. */
  @Test
  void interfacesThatComeBetweenCreationAndStartOrLaterAreInTheGuest() {
    casemate
        .run("create", "--bundle", bundle("sleep", "1000").write().toString(), ID)
        .mustSucceed();
    Path namespace = namespaceOfStandIn();
    connect(namespace, "eth0", "02:11:22:33:44:66", "10.1.2.5/24");
    casemate.run("start", ID).mustSucceed();

    assertPings("10.1.2.5", WORLD4);

    // One card is there for what comes late: the interface goes, another one comes.
    world().run("ip link del w-eth0");
    connect(namespace, "net7", "02:11:22:33:44:77", "10.1.2.7/24");
    Await.until(
        "the guest has the other one",
        () -> casemate.run("exec", ID, "ip", "addr").text().contains("10.1.2.7"));
    assertPings("10.1.2.7", WORLD4);
    assertThat(inside("ip", "link")).doesNotContain("eth0");
  }

  /** Docker up to 27: the engine fills the namespace in a hook. */
  @Test
  void interfacesThatAHookMakesAreInTheGuest() throws IOException {
    Path hook = scratch.resolve("hook");
    Files.writeString(
        hook,
        """
        #!/bin/sh
        set -e
        pid=$(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p')
        world="nsenter --net=%s --"
        pod="nsenter --net=/proc/$pid/ns/net --"
        for name in eth0 eth1; do
          $world ip link add w-$name type veth peer name c-$name
          $world ip link set c-$name netns $pid
          $world ip link set w-$name master br0 up
          $pod ip link set c-$name name $name up
        done
        $pod ip addr add 10.1.2.8/24 dev eth0
        $pod ip addr add 10.1.2.9/32 dev eth1
        """
            .formatted(world().file()));
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
    Bundle bundle = bundle("sleep", "1000").add("hooks.prestart", "{\"path\":\"" + hook + "\"}");

    casemate.run("run", "--detach", "--bundle", bundle.write().toString(), ID).mustSucceed();

    assertPings("10.1.2.8", WORLD4);
    assertThat(inside("ip", "addr", "show", "dev", "eth1")).contains("inet 10.1.2.9/32");
  }

  private Path namespaceOfStandIn() {
    String state = casemate.run("state", ID).mustSucceed().text();
    String pid = state.replaceAll("(?s).*\"pid\": *(\\d+).*", "$1");
    return Path.of("/proc", pid, "ns/net");
  }

  @Test
  void nothingIsLeftWhereMachineOrMonitorWereKilledAndRatesAreLimited() {
    connect(pod().file(), "eth0", "02:11:22:33:44:55", "10.1.2.3/24");
    String before = podDevices();
    casemate =
        casemate.withConfiguration(
            """
            [hypervisor.qemu]
            rx_rate_limiter_max_rate = 8000000
            tx_rate_limiter_max_rate = 4000000
            """);
    String bundle = inPod("sleep", "1000").write().toString();
    casemate.run("run", "--detach", "--bundle", bundle, ID).mustSucceed();
    assertThat(pod().run("tc qdisc show dev eth0")).contains("ingress").contains("rate 4Mbit");
    assertThat(pod().run("tc qdisc show dev casemate0")).contains("rate 8Mbit");

    kill(SandboxProcesses.of(casemate, ID).vmm());
    Await.until("the monitor has cleaned up", () -> podDevices().equals(before));
    casemate.run("delete", ID).mustSucceed();

    casemate.run("run", "--detach", "--bundle", bundle, ID).mustSucceed();
    kill(SandboxProcesses.of(casemate, ID).monitor());
    Await.until("the taps are gone", () -> !podDevices().contains("casemate0"));
    casemate.run("delete", "--force", ID).mustSucceed();

    assertThat(podDevices()).isEqualTo(before);
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
  }

  @Test
  void theHostsNetworkAndNoNetworkAreRefused() {
    Bundle bundle =
        bundle("true").set("linux.namespaces", "[{\"type\":\"pid\"},{\"type\":\"mount\"}]");
    assertThat(refused(bundle).errors()).contains("share the host's network");
    Path own = Path.of("/proc/" + ProcessHandle.current().pid() + "/ns/net");
    bundle.add("linux.namespaces", "{\"type\":\"network\",\"path\":\"" + own + "\"}");
    assertThat(refused(bundle).errors()).contains("it is the host's own");
    bundle = inPod("true");
    pod().close();
    assertThat(refused(bundle).errors()).contains("use the network namespace " + pod().file());
    pod = NetworkNamespace.make("casemate-pod", scratch);
  }

  private CommandResult refused(Bundle bundle) {
    CommandResult result = casemate.run("run", "--bundle", bundle.write().toString(), ID);
    assertThat(result.exitCode()).isNotZero();
    return result;
  }
}
