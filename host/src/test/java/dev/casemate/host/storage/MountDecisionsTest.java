package dev.casemate.host.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.linux.Filesystem;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.IdMapping;
import dev.casemate.model.oci.Mount;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountDecisionsTest {
  @TempDir private Path bundle;

  private static Mount mount(
      String destination, @Nullable String type, @Nullable String source, String... options) {
    return new Mount(destination, type, source, List.of(options), List.of(), List.of());
  }

  private MountDecision decide(Mount mount) {
    return new MountDecisions(bundle).of(List.of(mount)).getFirst();
  }

  private void assertRefused(Mount mount, ErrorCode code, String why) {
    assertThatThrownBy(() -> decide(mount))
        .isInstanceOfSatisfying(CasemateException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(mount.destination())
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"proc", "sysfs", "tmpfs", "mqueue", "devpts", "cgroup", "cgroup2"})
  void kernelFileSystemsAreTheGuestsOwn(String type) {
    Mount mount = mount("/x", type, type, "nosuid");
    assertThat(decide(mount)).isEqualTo(new MountDecision.InGuest(mount));
  }

  @Test
  void filesAndDirectoriesAreShared() throws IOException {
    Files.writeString(bundle.resolve("file"), "x");
    Files.createDirectory(bundle.resolve("directory"));
    Files.createSymbolicLink(bundle.resolve("link"), Path.of("directory"));
    Path real = bundle.toRealPath();
    Mount file = mount("/f", "bind", bundle.resolve("file").toString(), "rbind", "ro");
    assertThat(decide(file)).isEqualTo(new MountDecision.Share(file, real.resolve("file"), false));
    Mount relative = mount("/d", null, "link", "bind", "rslave");
    assertThat(decide(relative))
        .isEqualTo(new MountDecision.Share(relative, real.resolve("directory"), true));
    assertThat(((MountDecision.Share) decide(file)).recursive()).isTrue();
    assertThat(((MountDecision.Share) decide(relative)).recursive()).isFalse();
    assertThat(((MountDecision.Share) decide(relative)).followsHost()).isTrue();
    assertThat(((MountDecision.Share) decide(mount("/d", "bind", "link"))).mount().options())
        .containsExactly("bind");
  }

  @Test
  void missingSourcesAreNamed() {
    assertRefused(
        mount("/x", "bind", "/no/such/thing", "bind"),
        ErrorCode.NOT_FOUND,
        "the host has no such file or directory");
    assertRefused(mount("/x", "bind", "", "bind"), ErrorCode.INVALID_ARGUMENT, "needs a source");
    assertRefused(mount("/x", null, null), ErrorCode.INVALID_ARGUMENT, "neither a type");
  }

  @Test
  void whatCannotCrossToAnotherKernelIsRefused() throws IOException {
    Filesystem.makeFifo(bundle.resolve("fifo").toString(), 0600);
    assertRefused(mount("/x", "bind", "fifo", "bind"), ErrorCode.UNSUPPORTED, "is a FIFO");
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(bundle.resolve("socket")));
      assertRefused(mount("/x", "bind", "socket", "bind"), ErrorCode.UNSUPPORTED, "is a socket");
    }
    Filesystem.makeDevice(bundle.resolve("block").toString(), true, 0600, 7, 200);
    assertRefused(mount("/x", "bind", "block", "bind"), ErrorCode.UNSUPPORTED, "device");
    Filesystem.makeDevice(bundle.resolve("mem").toString(), false, 0600, 1, 1);
    assertRefused(mount("/x", "bind", "mem", "bind"), ErrorCode.UNSUPPORTED, "device");
    assertRefused(mount("/x", "ext4", "/dev/sda1"), ErrorCode.UNSUPPORTED, "'ext4'");
    Mount mapped =
        new Mount(
            "/x", "bind", "/tmp", List.of("bind"), List.of(new IdMapping(0, 1, 1)), List.of());
    assertRefused(mapped, ErrorCode.UNSUPPORTED, "id-mapped");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc", "/proc/sys", "/sys", "/sys/kernel", "/dev"})
  void theHostsControlsAreRefused(String source) {
    assertRefused(
        mount("/x", "bind", source, "rbind"), ErrorCode.UNSUPPORTED, "steers the host's kernel");
  }

  @Test
  void harmlessDevicesAreTheGuestsOwn() {
    Mount mount = mount("/dev/zero-too", "bind", "/dev/zero", "bind");
    assertThat(decide(mount))
        .isEqualTo(new MountDecision.InGuest(mount("/dev/zero-too", "bind", "/dev/zero", "bind")));
  }

  @Test
  void sharedMemoryBecomesATmpfsOfTheSameSize() throws Exception {
    PrivateMounts.run(() -> {
      Path shm = Files.createDirectory(bundle.resolve("shm"));
      dev.casemate.linux.Mounts.mount(
          "shm", shm.toString(), "tmpfs", java.util.Set.of(), "size=65536k");
      assertThat(decide(mount("/dev/shm", "bind", shm.toString(), "rbind", "ro")))
          .isEqualTo(
              new MountDecision.SharedMemory(
                  mount("/dev/shm", "bind", shm.toString(), "rbind", "ro"),
                  shm.toRealPath(),
                  List.of("nosuid", "noexec", "nodev", "mode=1777", "size=67108864"),
                  "",
                  0));
      assertThat(decide(mount("/elsewhere", "bind", shm.toString(), "rbind")))
          .isInstanceOf(MountDecision.Share.class);
    });
  }

  @Test
  void aPodsMemoryVolumeBecomesATmpfsOfTheSameSizeModeAndOwner() throws Exception {
    PrivateMounts.run(() -> {
      Path pod = Files.createDirectories(bundle.toRealPath().resolve("pods/uid"));
      Path volume = Files.createDirectories(pod.resolve("volumes/kubernetes.io~empty-dir/cache"));
      Path sub = Files.createDirectories(pod.resolve("volume-subpaths/cache/box/0"));
      assertThat(decide(mount("/c", "bind", volume.toString(), "bind")))
          .as("without a mount")
          .isInstanceOf(MountDecision.Share.class);
      tmpfs(volume, "size=1m,mode=2770,uid=5,gid=2000");
      Files.createDirectories(volume.resolve("a/b"));
      Filesystem.setPermissions(volume.resolve("a/b").toString(), 0705);
      List<String> options = List.of("nodev", "mode=2770", "uid=5", "gid=2000", "size=1048576");
      Mount whole = mount("/c", "bind", volume.toString(), "bind");
      assertThat(decide(whole))
          .isEqualTo(new MountDecision.SharedMemory(whole, volume, options, "", 02770));
      Mount part = mount("/c", "bind", sub.toString(), "bind", "ro");
      dev.casemate.linux.Mounts.bind(volume.resolve("a/b").toString(), sub.toString(), false);
      assertThat(decide(part))
          .isEqualTo(new MountDecision.SharedMemory(part, volume, options, "a/b", 0705));
    });
  }

  @Test
  void onlyTheKubeletsOwnTmpfsIsAMemoryVolume() throws Exception {
    PrivateMounts.run(() -> {
      Path pod = Files.createDirectories(bundle.toRealPath().resolve("pods/uid"));
      Path volume = Files.createDirectories(pod.resolve("volumes/kubernetes.io~empty-dir/cache"));
      Path sub = Files.createDirectories(pod.resolve("volume-subpaths/cache/box/0"));
      tmpfs(volume, "size=1m");
      tmpfs(sub, "size=1m");
      Path below = Files.createDirectory(volume.resolve("below"));
      Path secret = Files.createDirectories(pod.resolve("volumes/kubernetes.io~secret/key"));
      tmpfs(secret, "size=1m");
      for (Path other : List.of(sub, below, secret)) {
        assertThat(decide(mount("/c", "bind", other.toString(), "bind")))
            .as("%s", other)
            .isInstanceOf(MountDecision.Share.class);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"shared", "rshared"})
  void mountsCannotComeBackToTheHost(String propagation) throws IOException {
    Files.createDirectory(bundle.resolve("directory"));
    String source = bundle.resolve("directory").toString();
    assertRefused(
        mount("/d", "bind", source, "rbind", propagation), ErrorCode.UNSUPPORTED, "another kernel");
  }

  private static void tmpfs(Path place, String options) {
    dev.casemate.linux.Mounts.mount(
        "tmpfs", place.toString(), "tmpfs", java.util.Set.of(), options);
  }
}
