package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test works in a mount namespace that goes with its thread. */
class MountsTest {
  @TempDir private Path dir;

  private static void inOwnNamespace(OwnThread.Work work) throws Exception {
    OwnThread.run(() -> {
      Namespace.unshare(Namespace.MOUNT);
      Mounts.setPropagation("/", Propagation.PRIVATE, true);
      work.run();
    });
  }

  private String makeDirectory(String name) throws IOException {
    return Files.createDirectories(dir.resolve(name)).toString();
  }

  private static void mountTmpfs(String target) {
    Mounts.mount("tmpfs", target, "tmpfs", Set.of(MountFlag.NO_SUID), "size=1m,mode=700");
  }

  private static MountEntry entry(String target) {
    return Mounts.list().stream()
        .filter(e -> e.mountPoint().equals(target))
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  private static boolean isMounted(String target) {
    return Mounts.list().stream().anyMatch(e -> e.mountPoint().equals(target));
  }

  private static void assertReadOnly(String path) {
    assertRefused(
        Errno.EROFS,
        "openat",
        path,
        () -> Descriptor.open(path, OpenAccess.WRITE, 0600, OpenFlag.CREATE));
  }

  private static void createFile(String path) {
    Descriptor.open(path, OpenAccess.WRITE, 0600, OpenFlag.CREATE).close();
  }

  @Test
  void mountsAndUnmounts() throws Exception {
    String target = makeDirectory("a b");
    inOwnNamespace(() -> {
      mountTmpfs(target);
      MountEntry entry = entry(target);
      assertThat(entry.type()).isEqualTo("tmpfs");
      assertThat(entry.options()).contains("nosuid");
      assertThat(entry.superOptions()).contains("size=1024k", "mode=700");
      assertThat(Filesystem.fileSystem(target).type()).isEqualTo(FileSystemStatus.TMPFS);
      try (Descriptor user = Descriptor.open(target, OpenAccess.READ)) {
        assertRefused(Errno.EBUSY, "umount2", target, () -> Mounts.unmount(target));
        Mounts.detach(target);
        assertThat(user.status().isDirectory()).isTrue();
      }
      assertThat(isMounted(target)).isFalse();
      mountTmpfs(target);
      Mounts.unmount(target);
      assertThat(isMounted(target)).isFalse();
      assertRefused(Errno.EINVAL, "umount2", target, () -> Mounts.unmount(target));
      assertRefused(Errno.EINVAL, "umount2", target, () -> Mounts.detach(target));
    });
    assertThat(isMounted(target)).isFalse();
  }

  @Test
  void saysWhyItCannotMount() throws Exception {
    String target = makeDirectory("a");
    inOwnNamespace(() -> {
      assertRefused(
          Errno.ENODEV, "mount", target, () -> Mounts.mount("x", target, "nosuchfs", Set.of(), ""));
      assertRefused(
          Errno.EINVAL,
          "mount",
          target,
          () -> Mounts.mount("x", target, "tmpfs", Set.of(), "nosuch=option"));
      assertRefused(Errno.ENOENT, "mount", target, () -> Mounts.bind("/none", target, false));
      assertRefused(
          Errno.EINVAL,
          "mount",
          target,
          () -> Mounts.setPropagation(target, Propagation.SHARED, false));
    });
  }

  @Test
  void makesABoundTreeReadOnlyWithAllBelow() throws Exception {
    String source = makeDirectory("source");
    String target = makeDirectory("target");
    inOwnNamespace(() -> {
      mountTmpfs(source);
      Files.createDirectory(Path.of(source, "below"));
      mountTmpfs(source + "/below");
      Mounts.bind(source, target, true);
      Mounts.makeReadOnly(target, false);
      assertReadOnly(target + "/x");
      createFile(target + "/below/x");
      Mounts.makeReadOnly(target, true);
      assertReadOnly(target + "/below/y");
      assertThat(entry(target + "/below").isReadOnly()).isTrue();
      createFile(source + "/x");
      createFile(source + "/below/y");
      Mounts.setAttributes(
          target,
          true,
          Set.of(MountAttribute.NO_EXEC, MountAttribute.NO_DEVICES),
          Set.of(MountAttribute.READ_ONLY));
      createFile(target + "/below/z");
      assertThat(entry(target).options()).contains("noexec", "nodev", "nosuid", "rw");
      assertRefused(
          Errno.EINVAL, "mount_setattr", source, () -> Mounts.makeReadOnly(source + "/x", false));
      Mounts.bind(source, target, false);
      assertThat(Path.of(target, "below")).isEmptyDirectory();
    });
  }

  @Test
  void remountsAndMoves() throws Exception {
    String first = makeDirectory("first");
    String second = makeDirectory("second");
    inOwnNamespace(() -> {
      mountTmpfs(first);
      Mounts.mount(
          "", first, "", Set.of(MountFlag.REMOUNT, MountFlag.BIND, MountFlag.READ_ONLY), "");
      assertReadOnly(first + "/x");
      Mounts.move(first, second);
      assertThat(isMounted(first)).isFalse();
      assertReadOnly(second + "/x");
      assertRefused(Errno.EINVAL, "mount", second, () -> Mounts.move(first, second));
    });
  }

  @Test
  void propagatesAsTold() throws Exception {
    String target = makeDirectory("a");
    inOwnNamespace(() -> {
      mountTmpfs(target);
      assertThat(entry(target).propagation()).isEmpty();
      Mounts.setPropagation(target, Propagation.SHARED, false);
      assertThat(entry(target).propagation()).anyMatch(p -> p.startsWith("shared:"));
      // The master must live on to have slaves.
      try (Descriptor master = Descriptor.open("/proc/thread-self/ns/mnt", OpenAccess.READ)) {
        Namespace.unshare(Namespace.MOUNT);
        Mounts.setPropagation(target, Propagation.SLAVE, true);
        assertThat(entry(target).propagation()).anyMatch(p -> p.startsWith("master:"));
        assertThat(master.isOpen()).isTrue();
      }
      Mounts.setPropagation(target, Propagation.UNBINDABLE, false);
      assertThat(entry(target).propagation()).contains("unbindable");
      assertRefused(Errno.EINVAL, "mount", "/", () -> Mounts.bind(target, "/tmp", false));
    });
  }

  @Test
  void attachesAClonedTreeWithoutAPath() throws Exception {
    String source = makeDirectory("source");
    String target = makeDirectory("target");
    Files.createFile(dir.resolve("source/marker"));
    inOwnNamespace(() -> {
      try (Descriptor from = Descriptor.open(source, OpenAccess.READ, OpenFlag.PATH);
          Descriptor to = Descriptor.open(target, OpenAccess.READ, OpenFlag.PATH);
          Descriptor tree = Mounts.cloneTree(from, true)) {
        assertThat(tree.isCloseOnExec()).isTrue();
        Mounts.setAttributes(tree, true, Set.of(MountAttribute.READ_ONLY), Set.of());
        assertThat(Path.of(target, "marker")).doesNotExist();
        Mounts.attach(tree, to);
        assertThat(Path.of(target, "marker")).exists();
        assertReadOnly(target + "/x");
        assertRefused(Errno.EINVAL, "move_mount", "fd", () -> Mounts.attach(from, to));
      }
      try (Pipe pipe = Pipe.open()) {
        assertRefused(
            Errno.EINVAL, "open_tree", "fd", () -> Mounts.cloneTree(pipe.readEnd(), false));
      }
    });
  }

  @Test
  void pivotsTheRoot() throws Exception {
    String copy = makeDirectory("copy");
    String old = makeDirectory("old");
    inOwnNamespace(() -> {
      assertRefused(Errno.EBUSY, "pivot_root", copy, () -> Mounts.pivotRoot(copy, copy));
      // The new root looks like the old one, so that this JVM still finds its files.
      Mounts.bind("/", copy, true);
      int copyId = entry(copy).id();
      assertThat(entry("/").id()).isNotEqualTo(copyId);
      Mounts.pivotRoot(copy, copy + old);
      assertThat(entry("/").id()).isEqualTo(copyId);
      assertThat(Path.of(old, "proc")).isDirectory();
      Mounts.detach(old);
      assertThat(isMounted(old)).isFalse();
      assertThat(Path.of(old)).isEmptyDirectory();
    });
    assertThat(Path.of(copy)).isEmptyDirectory();
  }

  @Test
  void changesTheRootOfAThreadOfItsOwn() throws Exception {
    String root = makeDirectory("root");
    Files.writeString(dir.resolve("root/marker"), "12345");
    long size =
        OwnThread.call(() -> {
          assertRefused(Errno.ENOENT, "chroot", "/none", () -> Mounts.changeRoot("/none"));
          long outside = Filesystem.status(root + "/marker").size();
          Namespace.unshareFileSystemAttributes();
          Mounts.changeRoot(root);
          return outside + 10 * Filesystem.status("/marker").size();
        });
    assertThat(size).isEqualTo(55);
    assertThat(Path.of("/marker")).doesNotExist();
  }
}
