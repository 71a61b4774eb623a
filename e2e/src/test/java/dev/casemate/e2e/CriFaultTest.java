package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.DebianRelease;
import dev.casemate.testkit.Kubelet;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.PodProcesses;
import dev.casemate.testkit.cri.ContainerConfig;
import dev.casemate.testkit.cri.ContainerState;
import dev.casemate.testkit.cri.LinuxContainerConfig;
import dev.casemate.testkit.cri.LinuxContainerSecurityContext;
import dev.casemate.testkit.cri.LinuxPodSandboxConfig;
import dev.casemate.testkit.cri.LinuxSandboxSecurityContext;
import dev.casemate.testkit.cri.NamespaceMode;
import dev.casemate.testkit.cri.NamespaceOption;
import dev.casemate.testkit.cri.PodSandboxConfig;
import dev.casemate.testkit.cri.PodSandboxState;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Pods that cannot be had, and pods of which something dies, with the machine's containerd. */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CriFaultTest {
  private static final String CASEMATE = "casemate";
  private static final NamespaceMode OWN = NamespaceMode.CONTAINER;
  private static final int KILLED = 137;

  private Leftovers leftovers = Leftovers.before();
  private @Nullable Kubelet started;

  @BeforeAll
  void startContainerd(@TempDir Path directory) {
    leftovers = Leftovers.before();
    started = Kubelet.start(directory.resolve("kubelet"), DebianRelease.installed());
  }

  @AfterEach
  void nothingIsLeft() {
    kubelet().removeAll();
    leftovers.mustBeNone();
  }

  @AfterAll
  void endContainerd() {
    if (started != null) {
      started.close();
    }
  }

  @Test
  void theHostsNetworkIsRefused() {
    PodSandboxConfig.Builder config = kubelet().pod("host-network", OWN);
    NamespaceOption options =
        NamespaceOption.newBuilder().setPid(OWN).setNetwork(NamespaceMode.NODE).build();
    config.setLinux(
        config.getLinux().toBuilder()
            .setSecurityContext(
                LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(options)));

    assertThatThrownBy(() -> kubelet().cri().runPod(config.build(), CASEMATE))
        .hasMessageContaining("share the host's network")
        .hasMessageContaining("a kernel and a network of its own");
  }

  @Test
  void privilegesNeverMeanTheHostsDevices() {
    PodSandboxConfig config = privileged(kubelet().pod("devices", OWN));
    String pod = kubelet().cri().runPod(config, "casemate-devices");
    ContainerConfig.Builder all = privileged(container("all", "sleep 1000"));

    assertThatThrownBy(() -> kubelet().run(pod, config, all))
        .hasMessageContaining("the host's devices are not in the machine");

    // Whoever was refused has not harmed the pod.
    String modest = kubelet().run(pod, config, container("modest", "sleep 1000"));
    assertThat(output(modest, "echo well")).isEqualTo("well");
  }

  @Test
  void privilegesWithoutDevicesAreThoseInTheGuest() {
    PodSandboxConfig config = privileged(kubelet().pod("privileged", OWN));
    String pod = kubelet().cri().runPod(config, CASEMATE);

    String container = kubelet().run(pod, config, privileged(container("all", "sleep 1000")));

    assertThat(output(container, "mount -t tmpfs none /mnt && echo mounted")).isEqualTo("mounted");
  }

  @Test
  void aPodWhoseMachineDiesHasFailed() {
    assertThat(codeWhenKilled(CASEMATE, PodProcesses::vmm)).isEqualTo(KILLED);
    assertThat(kubelet().containerd().log()).contains("the VMM was killed by signal 9");
  }

  @Test
  void aPodWhoseFilesAreLostHasFailed() {
    assertThat(codeWhenKilled(CASEMATE, PodProcesses::fileDaemon)).isEqualTo(KILLED);
    assertThat(kubelet().containerd().log()).contains("the file daemon was killed by signal 9");
  }

  /** What is told then is containerd's own choice, whatever its shim knows. */
  @Test
  void aPodWhoseShimDiesHasFailedAsUnderRunc() {
    assertThat(codeWhenKilled(CASEMATE, PodProcesses::shim))
        .isNotZero()
        .isEqualTo(codeWhenKilled("runc", PodProcesses::shim));
  }

  /** The exit code of a container in a pod of which something is killed. */
  private int codeWhenKilled(String handler, Function<PodProcesses, ProcessHandle> part) {
    PodSandboxConfig config = pod("mortal-" + handler);
    String pod = kubelet().cri().runPod(config, handler);
    String container = kubelet().run(pod, config, container("mortal", "sleep 1000"));

    part.apply(PodProcesses.of(pod)).destroyForcibly();

    awaitExit(container);
    assertThat(kubelet().cri().containerStatus(container).getReason()).isEqualTo("Error");
    Await.until(
        "the pod is known to be dead",
        () -> kubelet().cri().podStatus(pod).getState() == PodSandboxState.SANDBOX_NOTREADY);
    assertThatThrownBy(() -> kubelet().run(pod, config, container("late", "true")))
        .hasMessageContaining("no running task found");
    return kubelet().cri().containerStatus(container).getExitCode();
  }

  @Test
  void whatDiesDuringTheStartIsTold() {
    CompletableFuture<String> machine = startKilling(PodProcesses::vmm);
    assertThatThrownBy(machine::join).hasMessageContaining("killed by signal 9");
    leftovers.mustBeNone();

    CompletableFuture<String> shim = startKilling(PodProcesses::shim);
    assertThatThrownBy(shim::join).hasMessageContaining("cannot start a shim: it was killed");
  }

  /** Begins to run a pod and kills a part of it once it is there. */
  private CompletableFuture<String> startKilling(Function<PodProcesses, ProcessHandle> part) {
    CompletableFuture<String> pod =
        CompletableFuture.supplyAsync(() -> kubelet().cri().runPod(pod("unborn"), CASEMATE));
    part.apply(PodProcesses.of(kubelet().containerd())).destroyForcibly();
    return pod;
  }

  @Test
  void containerdThatDiesDuringTheStartCleansUpLater() {
    CompletableFuture<String> pod =
        CompletableFuture.supplyAsync(() -> kubelet().cri().runPod(pod("orphan"), CASEMATE));
    PodProcesses.of(kubelet().containerd()).vmm();

    kubelet().containerd().kill();

    assertThatThrownBy(pod::join).hasMessageContaining("UNAVAILABLE");
    kubelet().containerd().startAgain();
    Await.until("containerd can run pods", () -> kubelet().cri().isReady());
  }

  @Test
  void podsOutliveContainerd() {
    PodSandboxConfig config = pod("survivor");
    String pod = kubelet().cri().runPod(config, CASEMATE);
    String first = kubelet().run(pod, config, container("first", "sleep 1000"));
    String ends =
        kubelet().run(pod, config, container("ends", "trap 'exit 6' USR1; sleep 1000 & wait"));

    kubelet().containerd().kill();
    kubelet().containerd().startAgain();

    Await.until("containerd can run pods", () -> kubelet().cri().isReady());
    assertThat(output(first, "echo still here")).isEqualTo("still here");
    // The container's end kills this shell, which may have no time to report its own.
    assertThat(kubelet().cri().exec(ends, "sh", "-c", "kill -USR1 1").exitCode()).isIn(0, KILLED);
    awaitExit(ends);
    assertThat(kubelet().cri().containerStatus(ends).getExitCode()).isEqualTo(6);
    String second = kubelet().run(pod, config, container("second", "sleep 1000"));
    assertThat(output(second, "echo new")).isEqualTo("new");
  }

  private void awaitExit(String container) {
    Await.until(
        "the container has ended",
        () ->
            kubelet().cri().containerStatus(container).getState()
                == ContainerState.CONTAINER_EXITED);
  }

  private PodSandboxConfig pod(String name) {
    return kubelet().pod(name, OWN).build();
  }

  private static PodSandboxConfig privileged(PodSandboxConfig.Builder config) {
    LinuxPodSandboxConfig linux = config.getLinux();
    return config
        .setLinux(
            linux.toBuilder()
                .setSecurityContext(linux.getSecurityContext().toBuilder().setPrivileged(true)))
        .build();
  }

  private ContainerConfig.Builder container(String name, String script) {
    return kubelet().container(name, OWN, "sh", "-c", script);
  }

  private static ContainerConfig.Builder privileged(ContainerConfig.Builder config) {
    LinuxContainerConfig linux = config.getLinux();
    LinuxContainerSecurityContext context = linux.getSecurityContext();
    return config.setLinux(
        linux.toBuilder().setSecurityContext(context.toBuilder().setPrivileged(true)));
  }

  private String output(String container, String script) {
    return kubelet().cri().exec(container, "sh", "-c", script).mustSucceed().text().strip();
  }

  private Kubelet kubelet() {
    return Objects.requireNonNull(started);
  }
}
