package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.CriStream;
import dev.casemate.testkit.DebianRelease;
import dev.casemate.testkit.Kubelet;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.cri.ContainerConfig;
import dev.casemate.testkit.cri.ContainerState;
import dev.casemate.testkit.cri.ContainerStats;
import dev.casemate.testkit.cri.ContainerStatus;
import dev.casemate.testkit.cri.LinuxContainerResources;
import dev.casemate.testkit.cri.LinuxPodSandboxStats;
import dev.casemate.testkit.cri.NamespaceMode;
import dev.casemate.testkit.cri.PodSandboxConfig;
import dev.casemate.testkit.cri.PodSandboxState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Kubernetes' pods, with each version of containerd, in our machines and beside them in runc. */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ParameterizedClass
@EnumSource(DebianRelease.class)
class CriTest {
  private static final String RUNC = "runc";
  private static final String CASEMATE = "casemate";
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final long MEBIBYTE = 1L << 20;

  @Parameter DebianRelease release = DebianRelease.BOOKWORM;
  private Leftovers leftovers = Leftovers.before();
  private @Nullable Kubelet started;

  @BeforeParameterizedClassInvocation(injectArguments = false)
  void startContainerd(@TempDir Path directory) {
    assumeThat(release.unreachable()).isEmpty();
    leftovers = Leftovers.before();
    started = Kubelet.start(directory.resolve("kubelet"), release);
  }

  @AfterEach
  void nothingIsLeft() {
    kubelet().removeAll();
    leftovers.mustBeNone();
  }

  @AfterParameterizedClassInvocation(injectArguments = false)
  void endContainerd() {
    if (started != null) {
      started.close();
      started = null;
    }
  }

  @Test
  void aPodLivesAsUnderRunc() throws IOException {
    String host = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();

    List<String> underRunc = lifeOfAPod(RUNC);
    List<String> here = lifeOfAPod(CASEMATE);

    assertThat(underRunc.getFirst()).isEqualTo("kernel " + host);
    assertThat(here.getFirst()).isNotEqualTo("kernel " + host);
    assertThat(here.subList(1, here.size())).isEqualTo(underRunc.subList(1, underRunc.size()));
  }

  /** All that a pod with two containers shows; the kernel first. */
  private List<String> lifeOfAPod(String handler) {
    String name = "life-" + handler;
    NamespaceMode shared = NamespaceMode.POD;
    PodSandboxConfig config = kubelet().pod(name, shared).setHostname("host-of-pod").build();
    String pod = kubelet().cri().runPod(config, handler);
    assertThat(kubelet().cri().podStatus(pod).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    String one =
        kubelet()
            .run(
                pod,
                config,
                container(
                    "one",
                    shared,
                    "trap 'exit 3' TERM; echo written >/dev/shm/by-one; echo begun;"
                        + " while :; do sleep 1; done"));
    String two =
        kubelet().run(pod, config, container("two", shared, "echo complaint >&2; exec sleep 1234"));
    Await.until("one has begun", () -> kubelet().log(name, "one").contains("begun"));

    List<String> seen = new ArrayList<>();
    seen.add("kernel " + output(one, "uname -r"));
    seen.addAll(shared(one, two));
    assertThat(output(two, "ip -o -4 addr show eth0"))
        .contains("inet " + kubelet().cri().podStatus(pod).getNetwork().getIp() + "/");
    CommandResult seven = exec(two, "echo out; echo err >&2; exit 7");
    seen.add(seven.exitCode() + " " + seven.text() + " " + seven.errors());
    seen.add(lastLine(kubelet().log(name, "one")));
    seen.add(lastLine(kubelet().log(name, "two")));
    seen.addAll(forwarded(pod, two));
    String three = kubelet().run(pod, config, container("three", shared, "exit 0"));
    seen.add("three " + ended(three));
    kubelet().cri().stopContainer(one, GRACE);
    seen.add("one " + ended(one));
    kubelet().cri().stopContainer(two, GRACE);
    seen.add("two " + ended(two));
    kubelet().cri().removeContainer(one);
    kubelet().cri().stopPod(pod);
    seen.add(kubelet().cri().podStatus(pod).getState().name());
    kubelet().cri().removePod(pod);
    return seen;
  }

  /** What two containers of a pod see of the pod and of each other. */
  private List<String> shared(String one, String two) {
    List<String> kinds = List.of("ipc", "uts", "net", "pid", "mnt");
    String links =
        "for kind in " + String.join(" ", kinds) + "; do readlink /proc/self/ns/$kind; done";
    List<String> ofOne = output(one, links).lines().toList();
    List<String> ofTwo = output(two, links).lines().toList();
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < kinds.size(); i++) {
      seen.add(kinds.get(i) + " is shared: " + ofOne.get(i).equals(ofTwo.get(i)));
    }
    seen.add(
        output(
            two,
            "cat /dev/shm/by-one; df /dev/shm | awk 'NR == 2 { print $2 }'; hostname;"
                + " cat /etc/hostname /etc/resolv.conf /etc/hosts"));
    seen.add(output(one, "ps -o args | grep -c '^sleep 1234'"));
    seen.add(
        output(two, "ip -o link show eth0 | grep -o 'mtu [0-9]*'; ip route | grep -c default"));
    return seen;
  }

  /** What comes of connections to ports of the pod's loopback interface, open and closed. */
  private List<String> forwarded(String pod, String container) {
    output(container, "mkdir -p /www; seq 100000 >/www/numbers; httpd -p 127.0.0.1:8080 -h /www");
    List<String> seen = new ArrayList<>();
    List<CriStream> streams = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      streams.add(kubelet().cri().forward(pod, 8080));
    }
    for (CriStream stream : streams) {
      try (stream) {
        stream.write("GET /numbers HTTP/1.0\r\n\r\n");
        seen.add("fails: " + stream.awaitPortFailure());
        String[] answer = stream.fromPort().split("\r\n\r\n", 2);
        seen.add(answer[0].lines().findFirst().orElse("") + " " + answer[1].hashCode());
      }
    }
    try (CriStream stream = kubelet().cri().forward(pod, 8099)) {
      seen.add(
          stream.awaitPortFailure().replace(pod, "POD").replaceAll("/netns/[^\"]*", "/netns/X"));
    }
    assertThat(seen.getFirst()).isEqualTo("fails: ");
    assertThat(seen.get(1)).startsWith("HTTP/1.").contains("200");
    assertThat(seen.getLast()).contains("connection refused");
    return seen;
  }

  @Test
  void optionsThatCannotBeFollowedAreRefused() {
    PodSandboxConfig config = kubelet().pod("options", NamespaceMode.CONTAINER).build();

    assertThatThrownBy(() -> kubelet().cri().runPod(config, "casemate-broken"))
        .hasMessageContaining("none.toml")
        .hasMessageContaining("there is no such file");
    if (release != DebianRelease.BOOKWORM) {
      assertThatThrownBy(() -> kubelet().cri().runPod(config, "casemate-unknown"))
          .hasMessageContaining("the runtime's options")
          .hasMessageContaining("no_such_setting");
      assertThatThrownBy(() -> kubelet().cri().runPod(config, "casemate-foreign"))
          .hasMessageContaining("they are of type 'containerd.runc.v1.Options'");
    }
  }

  @Test
  void streamsStatisticsAndLimitsOfARunningContainer() {
    NamespaceMode own = NamespaceMode.CONTAINER;
    PodSandboxConfig.Builder described = kubelet().pod("running", own);
    described.setLinux(
        described.getLinux().toBuilder()
            .setResources(
                LinuxContainerResources.newBuilder()
                    .setMemoryLimitInBytes(384 * MEBIBYTE)
                    .setCpuPeriod(100_000)
                    .setCpuQuota(50_000)));
    PodSandboxConfig config = described.build();
    String pod = kubelet().cri().runPod(config, CASEMATE);
    String container =
        kubelet()
            .run(
                pod,
                config,
                container("reader", own, "while read word; do echo \"got $word\"; done; exit 5")
                    .setStdin(true)
                    .setStdinOnce(true));

    assertThat(output(container, "nproc")).isEqualTo("1");
    long memory = Long.parseLong(output(container, "awk '/MemTotal/ { print $2 }' /proc/meminfo"));
    assertThat(memory * 1024).isBetween(256 * MEBIBYTE, 384 * MEBIBYTE);
    streamsFlowBothWays(container);
    statisticsTellOfUse(pod, container);
    limitsCanBeChanged(container);
    lackOfMemoryIsTheReason(pod, config);
    theEndOfInputReaches(container);
  }

  private void streamsFlowBothWays(String container) {
    String[] script = {"sh", "-c", "read line; echo \"<$line>\"; echo bad >&2; exit 9"};
    try (CriStream plain = kubelet().cri().startExec(container, false, script)) {
      plain.write("hello\n");

      assertThat(plain.awaitStatus()).contains("Failure").contains("\"9\"");
      assertThat(plain.output()).isEqualTo("<hello>\n");
      assertThat(plain.errors()).isEqualTo("bad\n");
    }
    try (CriStream terminal = kubelet().cri().startExec(container, true, "sh")) {
      terminal.resize(100, 40);
      terminal.write("while [ \"$(stty size)\" != '40 100' ]; do sleep 1; done; tty; exit 0\n");

      assertThat(terminal.awaitStatus()).contains("Success");
      assertThat(terminal.output()).contains("/dev/pts/");
    }
  }

  private void statisticsTellOfUse(String pod, String container) {
    ContainerStats stats = kubelet().cri().containerStats(container);
    assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isPositive();
    assertThat(stats.getMemory().getWorkingSetBytes().getValue()).isBetween(1L, 384 * MEBIBYTE);
    LinuxPodSandboxStats ofPod = kubelet().cri().podStats(pod).getLinux();
    assertThat(ofPod.getContainersList())
        .extracting(each -> each.getAttributes().getMetadata().getName())
        .containsExactly("reader");
    assertThat(ofPod.getMemory().getWorkingSetBytes().getValue()).isPositive();
  }

  private void limitsCanBeChanged(String container) {
    kubelet()
        .cri()
        .update(
            container,
            LinuxContainerResources.newBuilder()
                .setMemoryLimitInBytes(64 * MEBIBYTE)
                .setCpuPeriod(100_000)
                .setCpuQuota(20_000)
                .build());

    assertThat(output(container, "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max"))
        .isEqualTo(64 * MEBIBYTE + "\n20000 100000");
  }

  private void lackOfMemoryIsTheReason(String pod, PodSandboxConfig config) {
    ContainerConfig.Builder hungry =
        kubelet().container("hungry", NamespaceMode.CONTAINER, "tail", "/dev/zero");
    hungry.setLinux(
        hungry.getLinux().toBuilder()
            .setResources(
                LinuxContainerResources.newBuilder().setMemoryLimitInBytes(32 * MEBIBYTE)));

    assertThat(ended(kubelet().run(pod, config, hungry))).isEqualTo("137 OOMKilled");
  }

  private void theEndOfInputReaches(String container) {
    try (CriStream attached = kubelet().cri().attach(container)) {
      attached.write("one\n");
      Await.until("the answer comes", () -> attached.output().contains("got one"));
    }
    assertThat(ended(container)).isEqualTo("5 Error");
    assertThat(kubelet().log("running", "reader")).contains("stdout F got one");
  }

  private ContainerConfig.Builder container(String name, NamespaceMode processes, String script) {
    return kubelet().container(name, processes, "sh", "-c", script);
  }

  private CommandResult exec(String container, String script) {
    return kubelet().cri().exec(container, "sh", "-c", script);
  }

  private String output(String container, String script) {
    return exec(container, script).mustSucceed().text().strip();
  }

  /** How a container ended; waits until it has. */
  private String ended(String container) {
    Await.until(
        "the container has ended",
        () ->
            kubelet().cri().containerStatus(container).getState()
                == ContainerState.CONTAINER_EXITED);
    ContainerStatus status = kubelet().cri().containerStatus(container);
    // containerd notes the start when it knows of it, which a short process does not wait for.
    assertThat(status.getFinishedAt()).isGreaterThan(status.getCreatedAt());
    return status.getExitCode() + " " + status.getReason();
  }

  /** The last line of a log, without its time. */
  private static String lastLine(String log) {
    String[] lines = log.strip().split("\n", -1);
    String last = lines[lines.length - 1];
    return last.substring(last.indexOf(' ') + 1);
  }

  private Kubelet kubelet() {
    return Objects.requireNonNull(started);
  }
}
