package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.DebianRelease;
import dev.casemate.testkit.Kubelet;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.PodVolumes;
import dev.casemate.testkit.cri.ContainerConfig;
import dev.casemate.testkit.cri.Int64Value;
import dev.casemate.testkit.cri.LinuxContainerConfig;
import dev.casemate.testkit.cri.Mount;
import dev.casemate.testkit.cri.NamespaceMode;
import dev.casemate.testkit.cri.PodSandboxConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Pods' volumes of all kinds, held against the same pod under runc. */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VolumeTest {
  private static final String RUNC = "runc";
  private static final String CASEMATE = "casemate";
  private static final NamespaceMode OWN = NamespaceMode.CONTAINER;
  private static final int GROUP = 2000;
  private static final String ATTRIBUTE = "mark";

  private static final String HOLD =
      """
      touch FILE; chmod 666 FILE
      /tools/bin/perl /tools/holder.pl hold FILE >/dev/null 2>&1 </dev/null &
      echo $! >/pid; until [ -e FILE.held ]; do sleep 0.1; done
      """;

  private Leftovers leftovers = Leftovers.before();
  private Path scratch = Path.of("");
  private @Nullable Kubelet started;

  @BeforeAll
  void startContainerd(@TempDir Path directory) throws IOException {
    DebianRelease release = DebianRelease.BOOKWORM;
    assumeThat(release.unreachable()).isEmpty();
    scratch = directory.toRealPath();
    leftovers = Leftovers.before();
    started = Kubelet.start(scratch.resolve("kubelet"), release);
    VolumeContract.write(scratch.resolve("tools"));
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
  void volumesBehaveAsUnderRunc() throws IOException {
    List<String> underRunc = lifeOfVolumes(RUNC);
    List<String> here = lifeOfVolumes(CASEMATE);

    assertThat(underRunc).contains("flock: taken", "fcntl: taken", "content: by a mapping");
    assertThat(here).isEqualTo(underRunc);
  }

  /** All that two containers of a pod and the host see of the pod's volumes. */
  private List<String> lifeOfVolumes(String handler) throws IOException {
    Path base = scratch.resolve(handler);
    try (PodVolumes volumes = PodVolumes.in(base.resolve("pods/uid"))) {
      Volumes all = Volumes.make(base, volumes);
      PodSandboxConfig config = kubelet().pod("volumes-" + handler, OWN).build();
      String pod = kubelet().cri().runPod(config, handler);
      String one = kubelet().run(pod, config, all.mounted(container("one")));
      String two = kubelet().run(pod, config, all.mounted(asMemberOfGroup(container("two"))));
      List<String> seen = new ArrayList<>();
      for (String place : List.of("/host", "/disk", "/disk-sub", "/memory", "/memory-sub")) {
        seen.addAll(contract(one, place));
      }
      seen.addAll(contract(one, "/dev/shm"));
      seen.addAll(whatIsReadOnly(one));
      seen.addAll(limits(one));
      seen.addAll(theOtherContainer(one, two));
      seen.addAll(bothSides(one, all.host()));
      seen.addAll(hostView(all.host()));
      seen.addAll(hostView(all.disk()));
      for (String container : List.of(one, two)) {
        kubelet().cri().removeContainer(container);
      }
      String again = kubelet().run(pod, config, all.mounted(container("again")));
      seen.addAll(
          lines(
              again,
              "cat /host/file /disk/file /disk-sub/file /memory/file /memory-sub/file"
                  + " /memory/sub/deep/file /dev/shm/file; stat -c '%n %a %u %g' /memory/*"));
      kubelet().cri().stopPod(pod);
      kubelet().cri().removePod(pod);
      if (handler.equals(CASEMATE)) {
        assertThat(all.memory().resolve("file")).as("the guest's memory").doesNotExist();
      }
      return seen;
    }
  }

  /** The volumes of a pod and where its containers have them. */
  private record Volumes(Path host, Path disk, Path memory, List<Mount> mounts) {
    static Volumes make(Path base, PodVolumes volumes) throws IOException {
      Path host = Files.createDirectories(base.resolve("host"));
      Files.writeString(host.resolve("given"), "given\n");
      Path file = Files.writeString(base.resolve("single"), "single\n");
      Path disk = volumes.emptyDirectory("disk");
      Files.setAttribute(disk, "unix:gid", GROUP);
      Files.setAttribute(disk, "unix:mode", 02777);
      Path memory = volumes.memory("memory", "size=4m,mode=2777,gid=" + GROUP);
      Path diskSub = volumes.subPath(disk, "sub/deep", "box", 0);
      Path memorySub = volumes.subPath(memory, "sub/deep", "box", 1);
      Files.setAttribute(memorySub, "unix:mode", 02775);
      Path tools = Objects.requireNonNull(base.getParent()).resolve("tools");
      return new Volumes(
          host,
          disk,
          memory,
          List.of(
              mount("/tools", tools, true),
              mount("/host", host, false),
              mount("/host-ro", host, true),
              mount("/single", file, false),
              mount("/single-ro", file, true),
              mount("/disk", disk, false),
              mount("/disk-sub", diskSub, false),
              mount("/memory", memory, false),
              mount("/memory-ro", memory, true),
              mount("/memory-sub", memorySub, false)));
    }

    private static Mount mount(String place, Path source, boolean readOnly) {
      return Mount.newBuilder()
          .setContainerPath(place)
          .setHostPath(source.toString())
          .setReadonly(readOnly)
          .build();
    }

    ContainerConfig.Builder mounted(ContainerConfig.Builder container) {
      return container.addAllMounts(mounts);
    }
  }

  private ContainerConfig.Builder container(String name) {
    return kubelet().container(name, OWN, "sleep", "100000");
  }

  /** A user that may write only because of the pod's fsGroup. */
  private static ContainerConfig.Builder asMemberOfGroup(ContainerConfig.Builder container) {
    LinuxContainerConfig linux = container.getLinux();
    return container.setLinux(
        linux.toBuilder()
            .setSecurityContext(
                linux.getSecurityContext().toBuilder()
                    .setRunAsUser(Int64Value.newBuilder().setValue(1000))
                    .setRunAsGroup(Int64Value.newBuilder().setValue(1000))
                    .addSupplementalGroups(GROUP)));
  }

  private List<String> contract(String container, String place) {
    boolean attributes = !place.contains("memory") && !place.contains("shm");
    CommandResult result =
        kubelet()
            .cri()
            .exec(container, VolumeContract.command(place, attributes).toArray(String[]::new));
    List<String> seen = new ArrayList<>(List.of(place, "exit " + result.exitCode()));
    assertThat(result.exitCode()).as("%s in %s", result, place).isZero();
    seen.addAll(result.text().lines().toList());
    seen.addAll(result.errors().lines().toList());
    return seen;
  }

  private List<String> whatIsReadOnly(String container) {
    return lines(
        container,
        """
        cat /host-ro/given /single /single-ro; cat /memory-ro/file
        try() { "$@" 2>&1; echo "$? of $*"; }
        for place in /host-ro /single-ro /memory-ro; do
          try sh -c "echo x >$place/new"; try sh -c "echo x >>$place"; try chmod 777 $place
        done
        echo more >>/single; try rm /single; try mv /host/given /disk/given; cat /disk/given
        """);
  }

  private List<String> limits(String container) {
    return lines(
        container,
        """
        df -k /memory /dev/shm | awk 'NR > 1 { print $2 }'
        for place in /memory /memory-sub /dev/shm; do
          dd if=/dev/zero of=$place/big bs=64k count=2000 2>&1 | grep -o 'No space left on device'
          echo x >$place/more; rm $place/big; echo x >$place/more && rm $place/more
        done
        """);
  }

  /** Groups, locks and mappings between two containers of one pod. */
  private List<String> theOtherContainer(String one, String two) {
    List<String> seen = new ArrayList<>();
    seen.addAll(lines(two, "id -u; id -G; touch /disk/by-two /memory/by-two /memory-sub/by-two"));
    seen.addAll(lines(two, "stat -c '%n %a %u %g' /disk/by-two /memory/by-two; touch /host/x"));
    for (String place : List.of("/host", "/disk", "/memory", "/memory-sub")) {
      String file = place + "/lock";
      lines(one, HOLD.replace("FILE", file));
      String other = "/tools/bin/perl /tools/holder.pl try " + file;
      seen.add(place);
      seen.addAll(lines(two, other));
      lines(one, "pid=$(cat /pid); kill $pid; while [ -e /proc/$pid/exe ]; do sleep 0.1; done");
      seen.addAll(lines(two, other));
    }
    return seen;
  }

  /** What the host changes while a container looks. */
  private List<String> bothSides(String container, Path host) throws IOException {
    Path file = Files.writeString(host.resolve("shared"), "one\n");
    List<String> seen = new ArrayList<>(lines(container, "cat /host/shared"));
    Files.writeString(file, "two\n", java.nio.file.StandardOpenOption.APPEND);
    seen.addAll(lines(container, await("two") + "cat /host/shared"));
    Path next = Files.writeString(host.resolve("next"), "three\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    seen.addAll(lines(container, await("three") + "cat /host/shared; ls /host/next"));
    Files.delete(file);
    seen.addAll(lines(container, "while [ -e /host/shared ]; do sleep 0.1; done; ls /host/shared"));
    return seen;
  }

  private static String await(String word) {
    return "until grep -q " + word + " /host/shared; do sleep 0.1; done; ";
  }

  /** Everything in a directory as the host has it. */
  private static List<String> hostView(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.sorted().map(path -> view(directory, path)).toList();
    }
  }

  private static String view(Path directory, Path path) {
    try {
      Map<String, Object> unix = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
      StringBuilder line = new StringBuilder(directory.relativize(path).toString());
      for (String name : List.of("mode", "uid", "gid", "nlink")) {
        line.append(' ').append(unix.get(name));
      }
      if (Files.isSymbolicLink(path)) {
        line.append(" -> ").append(Files.readSymbolicLink(path));
      } else if (Files.isRegularFile(path)) {
        line.append(' ').append(Arrays.hashCode(Files.readAllBytes(path)));
        line.append(' ').append(attribute(path));
      }
      return line.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String attribute(Path file) throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    if (!view.list().contains(ATTRIBUTE)) {
      return "";
    }
    ByteBuffer value = ByteBuffer.allocate(view.size(ATTRIBUTE));
    view.read(ATTRIBUTE, value);
    return new String(value.array(), StandardCharsets.UTF_8);
  }

  /** What a script prints, on both streams; its exit code does not matter. */
  private List<String> lines(String container, String script) {
    CommandResult result = kubelet().cri().exec(container, "sh", "-c", script);
    return Stream.concat(result.text().lines(), result.errors().lines()).toList();
  }

  private Kubelet kubelet() {
    return Objects.requireNonNull(started);
  }
}
