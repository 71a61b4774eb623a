package dev.casemate.host.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.casemate.core.FileServiceEnd;
import dev.casemate.core.GuestContainer;
import dev.casemate.core.MachineDevice;
import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.linux.FileStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.configuration.Configuration;
import dev.casemate.model.configuration.ConfigurationKey;
import dev.casemate.model.configuration.QemuConfiguration;
import dev.casemate.model.configuration.VirtioFsCache;
import dev.casemate.model.oci.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStorageTest {
  private static final ContainerId ID = new ContainerId("c1");
  private static final VmmCredentials VMM = new VmmCredentials(0x7000_0000, 0x7000_0000);

  @TempDir private Path directory;

  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void makeBundle() throws IOException {
    Files.createDirectories(directory.resolve("bundle/rootfs/etc"));
    Files.writeString(directory.resolve("bundle/hosts"), "127.0.0.1 localhost");
    Files.createDirectory(directory.resolve("run"));
  }

  private Path bundle() {
    return directory.resolve("bundle");
  }

  private Spec spec(boolean readOnlyRoot, String mounts) {
    return Spec.parse(
        """
        {"ociVersion":"1.0.2","root":{"path":"rootfs","readonly":%s},
         "process":{"cwd":"/","args":["a"]},
         "linux":{"namespaces":[{"type":"network"}]},"mounts":[%s]}\
        """
            .formatted(readOnlyRoot, mounts)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static QemuConfiguration qemu(Map<ConfigurationKey, String> values) {
    return switch (Configuration.of(values).hypervisor()) {
      case QemuConfiguration qemu -> qemu;
    };
  }

  private DirectoryStorage storage(Supervisor supervisor, QemuConfiguration qemu, boolean scratch) {
    return new DirectoryStorage(
        supervisor,
        directory.resolve("run"),
        VMM,
        new DirectoryStorage.Options(
            qemu,
            true,
            scratch ? Optional.of(directory.resolve("scratch")) : Optional.empty(),
            true),
        notes::add);
  }

  private static QemuConfiguration ninep() {
    return qemu(Map.of(ConfigurationKey.QEMU_SHARED_FS, "virtio-9p"));
  }

  @Test
  void sharesRootAndVolumesUnderTheGuestsPaths() throws Exception {
    PrivateMounts.run(() -> {
      try (Supervisor supervisor = new Supervisor()) {
        DirectoryStorage storage = storage(supervisor, ninep(), false);
        GuestContainer container =
            storage.share(
                ID,
                bundle(),
                spec(
                    false,
                    """
                    {"destination":"/proc","type":"proc","source":"proc"},
                    {"destination":"/etc/hosts","type":"bind","source":"hosts",
                     "options":["rbind","ro"]}\
                    """));
        String base = "/run/kata-containers/shared/containers/";
        assertThat(container.spec().root().path()).isEqualTo(base + "c1/rootfs");
        assertThat(container.spec().mounts().get(0).source()).isEqualTo("proc");
        assertThat(container.spec().mounts().get(1).source()).isEqualTo(base + "@volumes/0");
        assertThat(container.spec().mounts().get(1).options()).containsExactly("rbind", "ro");
        Path shared = directory.resolve("run/shared/c1");
        Path hosts = directory.resolve("run/shared/@volumes/0");
        assertThat(hosts).hasContent("127.0.0.1 localhost");
        Files.writeString(shared.resolve("rootfs/by-guest"), "x");
        assertThat(bundle().resolve("rootfs/by-guest")).hasContent("x");
        assertThatThrownBy(() -> Files.writeString(hosts, "x")).isInstanceOf(IOException.class);
        assertThat(storage.open())
            .containsExactly(
                new MachineDevice.NineP("kataShared", directory.resolve("run/shared")));
        assertThat(storage.guestMounts().getFirst().driver()).isEqualTo("9p");
        storage.close();
        storage.close();
        assertThat(directory.resolve("run")).isEmptyDirectory();
        assertThat(bundle().resolve("rootfs/by-guest")).exists();
      }
    });
  }

  /** CVE-2020-2026: an earlier container has put links to the host where mounts go. */
  @Test
  void placesOfMountsAreMadeBelowTheRootWhateverLiesThere() throws Exception {
    Path victim = Files.createDirectory(directory.resolve("victim"));
    Path rootfs = bundle().resolve("rootfs");
    Files.createSymbolicLink(rootfs.resolve("absolute"), victim);
    Files.createSymbolicLink(rootfs.resolve("climbing"), Path.of("../../victim"));
    Files.createSymbolicLink(rootfs.resolve("file"), victim.resolve("made"));
    PrivateMounts.run(() -> {
      try (Supervisor supervisor = new Supervisor();
          DirectoryStorage storage = storage(supervisor, ninep(), false)) {
        storage.share(
            ID,
            bundle(),
            spec(
                true,
                """
                {"destination":"/absolute/made","type":"tmpfs","source":"tmpfs"},
                {"destination":"/climbing/made","type":"tmpfs","source":"tmpfs"},
                {"destination":"/climbing/hosts","type":"bind","source":"hosts"},
                {"destination":"/file","type":"bind","source":"hosts"}\
                """));
      }
    });
    assertThat(victim).isEmptyDirectory();
  }

  private static final ContainerId OTHER = new ContainerId("c2");

  @Test
  void whatSeveralContainersBindAlikeIsOneForTheGuest() throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    PrivateMounts.run(() -> {
      try (Supervisor supervisor = new Supervisor();
          DirectoryStorage storage = storage(supervisor, ninep(), false)) {
        String first = source(storage.share(ID, bundle(), data(data, "rw")));
        assertThat(source(storage.share(OTHER, bundle(), data(data, "rw")))).isEqualTo(first);
        ContainerId third = new ContainerId("c3");
        assertThat(source(storage.share(third, bundle(), data(data, "ro")))).isNotEqualTo(first);
        storage.release(third);
        Files.move(data, directory.resolve("old"));
        Files.createDirectory(data);
        assertThat(source(storage.share(third, bundle(), data(data, "rw"))))
            .as("another directory under the same name")
            .isNotEqualTo(first);
        Path shared =
            directory.resolve("run/shared/@volumes").resolve(Path.of(first).getFileName());
        storage.release(ID);
        Files.createFile(shared.resolve("by-guest"));
        assertThat(directory.resolve("old/by-guest")).exists();
        storage.release(OTHER);
        assertThat(shared).doesNotExist();
        assertThat(directory.resolve("old/by-guest")).exists();
      }
    });
  }

  private Spec data(Path data, String access) {
    return spec(
        false,
        "{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"%s\"]}"
            .formatted(data, access));
  }

  private static String source(GuestContainer container) {
    return Objects.requireNonNull(container.spec().mounts().getFirst().source());
  }

  @Test
  void aReadOnlyRootHasThePlacesOfItsMounts() throws Exception {
    PrivateMounts.run(() -> {
      try (Supervisor supervisor = new Supervisor();
          DirectoryStorage storage = storage(supervisor, ninep(), false)) {
        storage.share(
            ID,
            bundle(),
            spec(
                true,
                """
                {"destination":"/data/new","type":"tmpfs","source":"tmpfs"},
                {"destination":"/etc/hosts","type":"bind","source":"hosts"}\
                """));
        Path root = directory.resolve("run/shared/c1/rootfs");
        assertThat(root.resolve("data/new")).isDirectory();
        assertThat(root.resolve("etc/hosts")).isRegularFile();
        assertThatThrownBy(() -> Files.createFile(root.resolve("x")))
            .isInstanceOf(IOException.class);
      }
    });
  }

  @Test
  void scratchRootsThrowWritesAway() throws Exception {
    PrivateMounts.run(() -> {
      try (Supervisor supervisor = new Supervisor()) {
        DirectoryStorage storage = storage(supervisor, ninep(), true);
        storage.share(ID, bundle(), spec(false, ""));
        Path root = directory.resolve("run/shared/c1/rootfs");
        Files.createDirectories(root.resolve("a/b"));
        Files.writeString(root.resolve("a/b/c"), "x");
        Files.delete(root.resolve("etc"));
        storage.close();
        assertThat(bundle().resolve("rootfs/a")).doesNotExist();
        assertThat(bundle().resolve("rootfs/etc")).isDirectory();
        assertThat(directory.resolve("run")).isEmptyDirectory();
      }
    });
  }

  @Test
  void refusesBeforeAnythingIsTouched() {
    try (Supervisor supervisor = new Supervisor()) {
      DirectoryStorage storage = storage(supervisor, ninep(), false);
      assertThatThrownBy(() ->
              storage.share(
                  ID, bundle(), spec(false, "{\"destination\":\"/x\",\"type\":\"ext4\"}")))
          .isInstanceOf(CasemateException.class);
      Spec missing =
          spec(false, "").withRoot(new dev.casemate.model.oci.Root("no-such-root", false));
      assertThatThrownBy(() -> storage.share(ID, bundle(), missing))
          .isInstanceOfSatisfying(
              CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
          .hasMessageContaining("no-such-root does not exist");
      Spec file = spec(false, "").withRoot(new dev.casemate.model.oci.Root("hosts", false));
      assertThatThrownBy(() -> storage.share(ID, bundle(), file))
          .hasMessageContaining("is not a directory");
      assertThat(directory.resolve("run")).isEmptyDirectory();
      storage.close();
    }
  }

  private static void needsDaemon() {
    assumeTrue(VirtioFsProgram.find(Optional.empty()).isPresent(), "virtiofsd is installed");
  }

  @Test
  void theDaemonListensForTheVmmAloneAndGoes() throws Exception {
    needsDaemon();
    PrivateMounts.run(() -> {
      try (Supervisor supervisor = new Supervisor()) {
        DirectoryStorage storage = storage(supervisor, qemu(Map.of()), false);
        storage.share(ID, bundle(), spec(false, ""));
        Path socket = directory.resolve("run/virtiofsd.sock");
        assertThat(storage.open())
            .containsExactly(new MachineDevice.VirtioFs("kataShared", socket));
        assertThat(storage.guestMounts().getFirst().type()).isEqualTo("virtiofs");
        FileStatus status = Filesystem.status(socket.toString());
        assertThat(status.owner()).isEqualTo(VMM.uid());
        assertThat(status.permissions()).isEqualTo(0600);
        long pid = storage.daemonPid().orElseThrow();
        String arguments = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        assertThat(arguments).contains("sandbox=namespace").doesNotContain("seccomp=none");
        storage.close();
        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThat(storage.ended()).isNotDone();
        Files.deleteIfExists(directory.resolve("run/virtiofsd.log"));
        assertThat(directory.resolve("run")).isEmptyDirectory();
      }
    });
  }

  @Test
  void theDaemonsDeathIsTold() throws Exception {
    needsDaemon();
    PrivateMounts.run(() -> {
      try (Supervisor supervisor = new Supervisor();
          DirectoryStorage storage = storage(supervisor, qemu(Map.of()), false)) {
        storage.share(ID, bundle(), spec(false, ""));
        storage.open();
        long pid = storage.daemonPid().orElseThrow();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        FileServiceEnd end = storage.ended().get(60, TimeUnit.SECONDS);
        assertThat(end.why()).startsWith("the file daemon was killed by signal 9");
        assertThat(end.orderly()).isFalse();
      }
    });
  }

  @Test
  void aDaemonThatDoesNotStartSaysWhy() throws Exception {
    Path fake = directory.resolve("virtiofsd");
    Files.writeString(fake, "#!/bin/sh\necho cannot work here >&2\nexit 7\n");
    assertThat(fake.toFile().setExecutable(true)).isTrue();
    QemuConfiguration qemu = qemu(Map.of(ConfigurationKey.QEMU_VIRTIO_FS_DAEMON, fake.toString()));
    PrivateMounts.run(() -> {
      try (Supervisor supervisor = new Supervisor();
          DirectoryStorage storage = storage(supervisor, qemu, false)) {
        storage.share(ID, bundle(), spec(false, ""));
        assertThatThrownBy(storage::open)
            .isInstanceOfSatisfying(
                CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HELPER_DIED))
            .hasMessageContaining("exited with status 7: cannot work here");
      }
    });
  }

  @Test
  void eachDialectIsSandboxedAndFiltered() {
    Path socket = Path.of("/run/s");
    Path shared = Path.of("/run/a,b");
    List<String> c =
        new VirtioFsProgram(Path.of("/c"), VirtioFsProgram.Dialect.C)
            .arguments(socket, shared, VirtioFsCache.NEVER);
    assertThat(c)
        .contains("source=/run/a\\,b", "cache=none", "sandbox=namespace", "--socket-path=/run/s");
    List<String> rust =
        new VirtioFsProgram(Path.of("/r"), VirtioFsProgram.Dialect.RUST)
            .arguments(socket, shared, VirtioFsCache.AUTO);
    assertThat(rust)
        .contains("--shared-dir=/run/a,b", "--cache=auto", "--sandbox=namespace", "--seccomp=kill");
  }

  @Test
  void aConfiguredDaemonMustExist() {
    QemuConfiguration qemu =
        qemu(Map.of(ConfigurationKey.QEMU_VIRTIO_FS_DAEMON, "/no/such/virtiofsd"));
    assertThatThrownBy(() -> DirectoryStorage.needsPrivilegedVmm(qemu, true))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HOST_UNFIT))
        .hasMessageContaining("virtio_fs_daemon");
    assertThat(DirectoryStorage.needsPrivilegedVmm(ninep(), true)).isTrue();
    assertThatThrownBy(() -> DirectoryStorage.needsPrivilegedVmm(ninep(), false))
        .hasMessageContaining("no 9p");
  }
}
