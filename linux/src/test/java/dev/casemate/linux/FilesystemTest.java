package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesystemTest {
  @TempDir private Path dir;
  private Path rootPath;
  private Descriptor root;

  @BeforeEach
  void openRoot() throws IOException {
    rootPath = Files.createDirectory(dir.resolve("root"));
    root = Descriptor.open(rootPath.toString(), OpenAccess.READ, OpenFlag.DIRECTORY);
  }

  @AfterEach
  void closeRoot() {
    root.close();
  }

  private Descriptor open(String path, Resolve... resolve) {
    return Filesystem.openIn(root, path, Set.of(resolve), OpenAccess.READ, 0);
  }

  @Test
  void keepsAPathInItsRoot() throws IOException {
    Files.writeString(dir.resolve("secret"), "outside");
    Files.createSymbolicLink(rootPath.resolve("up"), Path.of("../secret"));
    Files.createSymbolicLink(rootPath.resolve("absolute"), dir.resolve("secret"));
    Files.createSymbolicLink(rootPath.resolve("to-inside"), Path.of("/inside"));
    Files.writeString(rootPath.resolve("inside"), "inside");
    for (String path : new String[] {"up", "absolute", "../secret", "/../../secret"}) {
      assertRefused(Errno.ENOENT, "openat2", path, () -> open(path, Resolve.IN_ROOT));
    }
    for (String path : new String[] {"up", "absolute", "../secret", "/inside"}) {
      assertRefused(Errno.EXDEV, "openat2", path, () -> open(path, Resolve.BENEATH));
    }
    for (String path : new String[] {"to-inside", "/../inside", "inside"}) {
      try (Descriptor inside = open(path, Resolve.IN_ROOT)) {
        assertThat(inside.status().size()).isEqualTo(6);
      }
    }
    assertRefused(
        Errno.ELOOP,
        "openat2",
        "to-inside",
        () -> open("to-inside", Resolve.IN_ROOT, Resolve.NO_SYMLINKS));
    assertRefused(
        Errno.ELOOP,
        "openat2",
        "/proc/self/exe",
        () -> open("/proc/self/exe", Resolve.NO_MAGIC_LINKS));
    assertRefused(
        Errno.EXDEV, "openat2", "/proc/self", () -> open("/proc/self", Resolve.NO_MOUNTS));
  }

  @Test
  void makesFilesInARoot() {
    try (Descriptor made =
        Filesystem.openIn(
            root, "made", Set.of(Resolve.BENEATH), OpenAccess.WRITE, 0600, OpenFlag.CREATE)) {
      made.writeAll(new byte[3]);
    }
    FileStatus status = Filesystem.statusAt(root, "made");
    assertThat(status.size()).isEqualTo(3);
    assertThat(status.permissions()).isEqualTo(0600);
  }

  @Test
  void makesDirectoriesInARoot() throws IOException {
    Files.createSymbolicLink(rootPath.resolve("link"), Path.of("/a/b"));
    try (Descriptor b = Filesystem.makeDirectoriesIn(root, "/a//./b/", 0755)) {
      assertThat(b.status().isDirectory()).isTrue();
    }
    try (Descriptor d = Filesystem.makeDirectoriesIn(root, "link/../c/../../../d", 0755)) {
      assertThat(d.status().isDirectory()).isTrue();
    }
    assertThat(rootPath.resolve("a/b")).isDirectory();
    assertThat(rootPath.resolve("a/c")).isDirectory();
    assertThat(rootPath.resolve("d")).isDirectory();
    assertThat(dir.resolve("d")).doesNotExist();
    try (Descriptor same = Filesystem.makeDirectoriesIn(root, "", 0755)) {
      assertThat(same.status().isSameFile(root.status())).isTrue();
    }
    Files.createFile(rootPath.resolve("file"));
    assertRefused(
        Errno.ENOTDIR, "openat2", "file", () -> Filesystem.makeDirectoriesIn(root, "file/x", 0755));
    assertRefused(
        Errno.ENAMETOOLONG,
        "openat2",
        "xx/",
        () -> Filesystem.makeDirectoriesIn(root, "xx/../".repeat(2000), 0755));
  }

  @Test
  void actsOnNamesOfADirectory() {
    Filesystem.makeDirectoryAt(root, "sub", 0750);
    Filesystem.symbolicLinkAt("nowhere", root, "link");
    assertThat(Filesystem.readLinkAt(root, "link")).isEqualTo("nowhere");
    Filesystem.setOwnerAt(root, "link", 11, 22);
    FileStatus link = Filesystem.statusAt(root, "link");
    assertThat(link.kind()).isEqualTo(FileStatus.Kind.SYMBOLIC_LINK);
    assertThat(link.owner()).isEqualTo(11);
    assertThat(link.group()).isEqualTo(22);
    Filesystem.renameAt(root, "link", "renamed");
    assertRefused(Errno.ENOENT, "readlinkat", "link", () -> Filesystem.readLinkAt(root, "link"));
    assertRefused(Errno.EINVAL, "readlinkat", "sub", () -> Filesystem.readLinkAt(root, "sub"));
    assertRefused(
        Errno.EEXIST, "mkdirat", "sub", () -> Filesystem.makeDirectoryAt(root, "sub", 0750));
    assertRefused(
        Errno.EEXIST, "symlinkat", "sub", () -> Filesystem.symbolicLinkAt("x", root, "sub"));
    assertRefused(Errno.EISDIR, "unlinkat", "sub", () -> Filesystem.removeAt(root, "sub", false));
    assertRefused(Errno.ENOENT, "renameat2", "no", () -> Filesystem.renameAt(root, "no", "x"));
    assertRefused(Errno.ENOENT, "fchownat", "no", () -> Filesystem.setOwnerAt(root, "no", 0, 0));
    Filesystem.removeAt(root, "sub", true);
    Filesystem.removeAt(root, "renamed", false);
    assertThat(rootPath).isEmptyDirectory();
    for (String name : new String[] {"", ".", "..", "a/b", "/"}) {
      assertThatThrownBy(() -> Filesystem.makeDirectoryAt(root, name, 0755))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void makesFifosAndDevices() {
    String fifo = dir.resolve("fifo").toString();
    Filesystem.makeFifo(fifo, 0600);
    assertThat(Filesystem.status(fifo).kind()).isEqualTo(FileStatus.Kind.FIFO);
    assertRefused(Errno.EEXIST, "mknodat", fifo, () -> Filesystem.makeFifo(fifo, 0600));
    assertRefused(
        Errno.ENXIO,
        "openat",
        fifo,
        () -> Descriptor.open(fifo, OpenAccess.WRITE, OpenFlag.NON_BLOCKING));
    try (Descriptor both = Descriptor.open(fifo, OpenAccess.READ_WRITE)) {
      both.writeAll(new byte[] {5});
      byte[] one = new byte[1];
      assertThat(both.read(one, 0, 1)).isEqualTo(1);
      assertThat(one[0]).isEqualTo((byte) 5);
    }
    String device = dir.resolve("null").toString();
    Filesystem.makeDevice(device, false, 0666, 1, 3);
    FileStatus status = Filesystem.status(device);
    assertThat(status.kind()).isEqualTo(FileStatus.Kind.CHARACTER_DEVICE);
    assertThat(status.specialMajor()).isEqualTo(1);
    assertThat(status.specialMinor()).isEqualTo(3);
    String block = dir.resolve("block").toString();
    Filesystem.makeDevice(block, true, 0600, 4095, 1_048_575);
    assertThat(Filesystem.status(block).kind()).isEqualTo(FileStatus.Kind.BLOCK_DEVICE);
    assertThat(Filesystem.status(block).specialMajor()).isEqualTo(4095);
    assertThat(Filesystem.status(block).specialMinor()).isEqualTo(1_048_575);
    assertThatThrownBy(() -> Filesystem.makeDevice(block, true, 0600, 4096, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void changesOwnersAndModesByPath() throws IOException {
    String file = Files.createFile(dir.resolve("file")).toString();
    String link = Files.createSymbolicLink(dir.resolve("link"), Path.of("file")).toString();
    Filesystem.setOwner(link, 1, 2);
    Filesystem.setOwnerNoFollow(link, 3, 4);
    Filesystem.setPermissions(link, 0604);
    assertThat(Filesystem.status(file).owner()).isEqualTo(1);
    assertThat(Filesystem.status(file).group()).isEqualTo(2);
    assertThat(Filesystem.status(file).permissions()).isEqualTo(0604);
    try (Descriptor parent = Descriptor.open(dir.toString(), OpenAccess.READ, OpenFlag.PATH)) {
      assertThat(Filesystem.statusAt(parent, "link").owner()).isEqualTo(3);
    }
    String none = dir.resolve("none").toString();
    assertRefused(Errno.ENOENT, "fchownat", none, () -> Filesystem.setOwner(none, 0, 0));
    assertRefused(Errno.ENOENT, "fchmodat", none, () -> Filesystem.setPermissions(none, 0));
    assertRefused(Errno.ENOENT, "statx", none, () -> Filesystem.status(none));
  }

  @Test
  void tellsFileSystemsApart() throws IOException {
    assertThat(Filesystem.fileSystem("/proc").type()).isEqualTo(FileSystemStatus.PROC);
    FileSystemStatus here = Filesystem.fileSystem(dir.toString());
    assertThat(here.availableBytes()).isBetween(1L, Files.getFileStore(dir).getTotalSpace());
    assertThat(here.blocks() * here.blockBytes())
        .isEqualTo(Files.getFileStore(dir).getTotalSpace());
    assertRefused(Errno.ENOENT, "statfs", "/none", () -> Filesystem.fileSystem("/none"));
  }
}
