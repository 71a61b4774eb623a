package dev.casemate.testkit;

import dev.casemate.testkit.cri.ContainerConfig;
import dev.casemate.testkit.cri.ContainerMetadata;
import dev.casemate.testkit.cri.DNSConfig;
import dev.casemate.testkit.cri.ImageSpec;
import dev.casemate.testkit.cri.LinuxContainerConfig;
import dev.casemate.testkit.cri.LinuxContainerSecurityContext;
import dev.casemate.testkit.cri.LinuxPodSandboxConfig;
import dev.casemate.testkit.cri.LinuxSandboxSecurityContext;
import dev.casemate.testkit.cri.NamespaceMode;
import dev.casemate.testkit.cri.NamespaceOption;
import dev.casemate.testkit.cri.PodSandbox;
import dev.casemate.testkit.cri.PodSandboxConfig;
import dev.casemate.testkit.cri.PodSandboxMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a node's kubelet does, for one test: a containerd with CRI of its own, images, and pods as a
 * kubelet describes them. Closing it ends the daemon.
 */
public final class Kubelet implements AutoCloseable {
  /** An image of busybox. */
  public static final String IMAGE = "localhost/box:1";

  private static final String PAUSE = "localhost/pause:1";

  private final Path directory;
  private final Containerd containerd;
  private final CriClient cri;

  private Kubelet(Path directory, Containerd containerd) {
    this.directory = directory;
    this.containerd = containerd;
    cri = containerd.cri();
  }

  /** Starts the containerd of a release; the directory need not exist. */
  public static Kubelet start(Path directory, DebianRelease release) {
    Path box = ImageArchive.make(directory.resolve("box"), IMAGE);
    Path pause = ImageArchive.makePause(directory.resolve("pause"), PAUSE);
    Containerd containerd = Containerd.withCri(directory.resolve("containerd"), release);
    Kubelet kubelet = new Kubelet(directory, containerd);
    try {
      for (Path archive : List.of(box, pause)) {
        containerd
            .ctr("--namespace", "k8s.io", "image", "import", archive.toString())
            .mustSucceed();
      }
      Await.until(
          "CRI knows the images", () -> kubelet.cri.hasImage(IMAGE) && kubelet.cri.hasImage(PAUSE));
      return kubelet;
    } catch (AssertionError | RuntimeException failure) {
      kubelet.close();
      throw failure;
    }
  }

  /** Its daemon. */
  public Containerd containerd() {
    return containerd;
  }

  /** What it speaks to the daemon with. */
  public CriClient cri() {
    return cri;
  }

  /**
   * A pod as a kubelet describes it.
   *
   * @param name also begins its host name and names the directory of its logs
   * @param processes whether its containers share process ids (POD) or not (CONTAINER)
   */
  public PodSandboxConfig.Builder pod(String name, NamespaceMode processes) {
    Path logs = directory.resolve("logs").resolve(name);
    try {
      Files.createDirectories(logs);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(name)
                .setUid("uid-" + name)
                .setNamespace("default"))
        .setHostname(name + "-host")
        .setLogDirectory(logs.toString())
        .setDnsConfig(
            DNSConfig.newBuilder().addServers("192.0.2.53").addSearches("svc.example.org"))
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setCgroupParent("/casemate")
                .setSecurityContext(
                    LinuxSandboxSecurityContext.newBuilder()
                        .setNamespaceOptions(NamespaceOption.newBuilder().setPid(processes))));
  }

  /** A container as a kubelet describes it, in a pod with that choice of process ids. */
  public ContainerConfig.Builder container(
      String name, NamespaceMode processes, String... command) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(ImageSpec.newBuilder().setImage(IMAGE))
        .addAllCommand(List.of(command))
        .setLogPath(name + ".log")
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder()
                        .setNamespaceOptions(NamespaceOption.newBuilder().setPid(processes))));
  }

  /** Makes a container and starts it; its id. */
  public String run(String pod, PodSandboxConfig config, ContainerConfig.Builder container) {
    String id = cri.createContainer(pod, container.build(), config);
    cri.startContainer(id);
    return id;
  }

  /** What a container has logged so far, in CRI's format: time, stream, tag, text. */
  public String log(String pod, String container) {
    try {
      return Files.readString(directory.resolve("logs").resolve(pod).resolve(container + ".log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops and removes every pod. */
  public void removeAll() {
    for (PodSandbox pod : cri.pods()) {
      cri.stopPod(pod.getId());
      cri.removePod(pod.getId());
    }
  }

  @Override
  public void close() {
    cri.close();
    containerd.close();
  }
}
