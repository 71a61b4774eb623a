package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.Containerd;
import dev.casemate.testkit.ImageArchive;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.NetworkNamespace;
import dev.casemate.testkit.RunningCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Containers of containerd whose networks Debian's plug-ins made: bridge, host-local and loopback,
 * called as the Container Network Interface says, by a node that is a namespace of the test.
 */
@Tag("vm")
class PodNetworkTest {
  private static final String IMAGE = "localhost/box:1";
  private static final String ID = "box";
  private static final String PEER = "peer";

  @TempDir Path scratch = Path.of("");

  private Leftovers leftovers = Leftovers.before();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void lookAround() {
    leftovers = Leftovers.before();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
    leftovers.mustBeNone();
  }

  private NetworkNamespace namespace(String name) {
    NetworkNamespace made = NetworkNamespace.make(name, scratch);
    opened.add(made);
    return made;
  }

  private Containerd containerd() {
    Path archive = ImageArchive.make(scratch.resolve("image"), IMAGE);
    Containerd containerd = Containerd.in(scratch.resolve("containerd"));
    opened.add(containerd);
    containerd.ctr("image", "import", archive.toString()).mustSucceed();
    for (String id : new String[] {ID, PEER}) {
      opened.add(() -> {
        containerd.ctr("task", "kill", "--signal", "KILL", id);
        containerd.ctr("task", "rm", "--force", id);
        containerd.ctr("container", "rm", id);
      });
    }
    return containerd;
  }

  /** Calls a plug-in on the node for a namespace. */
  private void plugin(
      NetworkNamespace node, String command, NetworkNamespace pod, String name, String type)
      throws IOException {
    int number = name.equals("net1") ? 1 : 0;
    String configuration =
        type.equals("loopback")
            ? "{\"cniVersion\":\"0.4.0\",\"name\":\"lo\",\"type\":\"loopback\"}"
            : """
            {"cniVersion":"0.4.0","name":"net%1$d","type":"bridge","bridge":"cni%1$d",
             "isGateway":true,"ipMasq":false,
             "ipam":{"type":"host-local","dataDir":"%2$s","routes":%3$s,
              "ranges":[[{"subnet":"10.88.%1$d.0/24"}],[{"subnet":"fd88:%1$d::/64"}]]}}
            """
                .formatted(
                    number,
                    scratch.resolve("ipam"),
                    number == 0 ? "[{\"dst\":\"0.0.0.0/0\"},{\"dst\":\"::/0\"}]" : "[]");
    Path file = scratch.resolve(type + number + ".json");
    Files.writeString(file, configuration);
    node.start(
            "env",
            "CNI_COMMAND=" + command,
            "CNI_CONTAINERID=" + pod.file().getFileName(),
            "CNI_NETNS=" + pod.file(),
            "CNI_IFNAME=" + name,
            "CNI_PATH=/usr/lib/cni",
            "sh",
            "-c",
            "exec /usr/lib/cni/" + type + " <" + file)
        .await()
        .mustSucceed();
  }

  private static String address(NetworkNamespace pod, String device, String family) {
    String line = pod.run("ip " + family + " -o addr show dev " + device + " scope global");
    return line.replaceAll("(?s).* inet6? ([^/]+)/.*", "$1");
  }

  @Test
  void aPodIsInItsClustersNetwork() throws IOException {
    NetworkNamespace node = namespace("casemate-node");
    NetworkNamespace pod = namespace("casemate-pod");
    NetworkNamespace peer = namespace("casemate-peer");
    plugin(node, "ADD", pod, "lo", "loopback");
    plugin(node, "ADD", pod, "eth0", "bridge");
    plugin(node, "ADD", pod, "net1", "bridge");
    plugin(node, "ADD", peer, "eth0", "bridge");
    Containerd containerd = containerd();
    run(containerd, Containerd.RUNC, peer, PEER).mustSucceed();
    run(containerd, Containerd.CASEMATE, pod, ID).mustSucceed();

    for (String family : new String[] {"-4", "-6"}) {
      String its = address(pod, "eth0", family);
      String peers = address(peer, "eth0", family);
      assertThat(inside(containerd, ID, "ip", family, "addr")).contains(its);
      assertThat(fetch(containerd, ID, peers)).isEqualTo(PEER + "\n");
      assertThat(fetch(containerd, PEER, its)).isEqualTo(ID + "\n");
      assertThat(node.run("busybox wget -q -O - " + url(its))).isEqualTo(ID + "\n");
      assertThat(node.run("busybox wget -q -O - " + url(address(pod, "net1", family))))
          .isEqualTo(ID + "\n");
    }
    assertThat(inside(containerd, ID, "wget", "-q", "-O", "-", "http://127.0.0.1/"))
        .isEqualTo(ID + "\n");

    String links = pod.run("ip -br link").replaceAll("(?m)^casemate.*\n", "");
    containerd.ctr("task", "kill", "--signal", "KILL", ID).mustSucceed();
    Await.until("the task has ended", () -> containerd.ctr("task", "rm", ID).exitCode() == 0);
    Await.until("the pod has what it had", () -> pod.run("ip -br link").equals(links));
    assertThat(pod.run("tc qdisc show")).doesNotContain("ingress");
    plugin(node, "DEL", pod, "net1", "bridge");
    plugin(node, "DEL", pod, "eth0", "bridge");
  }

  @Test
  void aShimThatIsKilledLeavesItsPodsNetworkAsItWas() throws IOException {
    NetworkNamespace node = namespace("casemate-node");
    NetworkNamespace pod = namespace("casemate-pod");
    plugin(node, "ADD", pod, "eth0", "bridge");
    String before = pod.run("ip -br link") + pod.run("tc qdisc show");
    Containerd containerd = containerd();
    run(containerd, Containerd.CASEMATE, pod, ID).mustSucceed();
    assertThat(pod.run("tc qdisc show")).contains("ingress");

    ProcessHandle.allProcesses()
        .filter(one -> one.info().commandLine().orElse("").contains("dev.casemate.shim.Main"))
        .forEach(ProcessHandle::destroyForcibly);

    Await.until(
        "containerd has cleaned up",
        () -> (pod.run("ip -br link") + pod.run("tc qdisc show")).equals(before));
  }

  private static CommandResult run(
      Containerd containerd, String runtime, NetworkNamespace pod, String id) {
    return containerd.ctr(
        "run",
        "--detach",
        "--runtime",
        runtime,
        "--with-ns",
        "network:" + pod.file(),
        IMAGE,
        id,
        "sh",
        "-c",
        "mkdir -p /www; echo " + id + " >/www/index.html; exec httpd -f -p 80 -h /www");
  }

  private static String inside(Containerd containerd, String id, String... command) {
    List<String> words = new ArrayList<>(List.of("task", "exec", "--exec-id", "e", id));
    words.addAll(List.of(command));
    try (RunningCommand exec = containerd.startCtr(words.toArray(String[]::new))) {
      return exec.await().mustSucceed().text();
    }
  }

  private static String fetch(Containerd containerd, String id, String address) {
    return inside(containerd, id, "wget", "-q", "-O", "-", url(address));
  }

  private static String url(String address) {
    return "http://" + (address.contains(":") ? "[" + address + "]" : address) + "/";
  }
}
