package dev.casemate.host.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.host.storage.SharedTree.Binding;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.Mounts;
import dev.casemate.linux.Namespace;
import dev.casemate.linux.Propagation;
import dev.casemate.model.CasemateException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedTreeTest {
  @TempDir private Path directory;

  private Path source() throws IOException {
    Path source = Files.createDirectories(directory.resolve("source"));
    Files.writeString(source.resolve("file"), "content");
    return source;
  }

  private static Binding binding(Path source, boolean recursive, boolean readOnly) {
    return new Binding(source, Files.isDirectory(source), recursive, false, readOnly);
  }

  @Test
  void whatIsWrittenReachesTheHostAndBack() throws Exception {
    Path source = source();
    PrivateMounts.run(() -> {
      try (SharedTree tree = new SharedTree(directory.resolve("shared"))) {
        tree.bind("c", "rootfs", binding(source, true, false));
        tree.bind("c", "mount-0", binding(source.resolve("file"), false, false));
        Path inside = tree.root().resolve("c");
        Files.writeString(inside.resolve("rootfs/new"), "by the guest");
        assertThat(source.resolve("new")).hasContent("by the guest");
        Files.writeString(inside.resolve("mount-0"), "changed");
        assertThat(source.resolve("file")).hasContent("changed");
      }
      assertThat(directory.resolve("shared")).doesNotExist();
    });
    assertThat(source.resolve("file")).hasContent("changed");
  }

  @Test
  void readOnlyIsEnforcedHereAlsoBelow() throws Exception {
    Path source = source();
    Path below = Files.createDirectory(source.resolve("below"));
    PrivateMounts.run(() -> {
      Mounts.mount("x", below.toString(), "tmpfs", Set.of(), "");
      Files.writeString(below.resolve("other"), "x");
      try (SharedTree tree = new SharedTree(directory.resolve("shared"))) {
        tree.bind("c", "ro", binding(source, true, true));
        Path shared = tree.root().resolve("c/ro");
        assertThat(shared.resolve("below/other")).hasContent("x");
        for (String file : List.of("new", "below/new")) {
          assertThatThrownBy(() -> Files.writeString(shared.resolve(file), "x"))
              .isInstanceOfSatisfying(
                  FileSystemException.class, e -> assertThat(e.getReason()).contains("Read-only"));
        }
        // The source itself stays writable.
        Files.writeString(source.resolve("new"), "x");
      }
    });
  }

  @Test
  void aPlainBindLeavesTheMountsBelowBehind() throws Exception {
    Path source = source();
    Path below = Files.createDirectory(source.resolve("below"));
    PrivateMounts.run(() -> {
      Mounts.mount("x", below.toString(), "tmpfs", Set.of(), "");
      Files.writeString(below.resolve("other"), "x");
      try (SharedTree tree = new SharedTree(directory.resolve("shared"))) {
        tree.bind("c", "plain", binding(source, false, false));
        assertThat(tree.root().resolve("c/plain/below")).isEmptyDirectory();
      }
    });
  }

  @Test
  void theHostsControlsDoNotComeAlong() throws Exception {
    Path source = source();
    Path proc = Files.createDirectories(source.resolve("a b/proc"));
    PrivateMounts.run(() -> {
      Mounts.mount("proc", proc.toString(), "proc", Set.of(), "");
      assertThat(proc.resolve("self")).exists();
      try (SharedTree tree = new SharedTree(directory.resolve("shared"))) {
        tree.bind("c", "all", binding(source, true, false));
        assertThat(tree.root().resolve("c/all/a b/proc")).isEmptyDirectory();
        assertThat(proc.resolve("self")).exists();
      }
    });
  }

  @Test
  void devicesCannotBeOpened() throws Exception {
    Path source = source();
    Filesystem.makeDevice(source.resolve("zero").toString(), false, 0666, 1, 5);
    PrivateMounts.run(() -> {
      try (SharedTree tree = new SharedTree(directory.resolve("shared"))) {
        tree.bind("c", "rootfs", binding(source, true, false));
        assertThatThrownBy(() -> Files.newInputStream(tree.root().resolve("c/rootfs/zero")))
            .isInstanceOf(java.nio.file.AccessDeniedException.class);
      }
    });
  }

  @Test
  void aLayerTakesTheWrites() throws Exception {
    Path lower = source();
    Files.setPosixFilePermissions(lower, PosixFilePermissions.fromString("rwxr-x--x"));
    Path odd = directory.resolve("a,b:c\\d");
    Files.move(lower, odd);
    PrivateMounts.run(() -> {
      try (SharedTree tree = new SharedTree(directory.resolve("shared"))) {
        tree.overlay("c", "rootfs", odd, directory.resolve("layer"), false);
        Path shared = tree.root().resolve("c/rootfs");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shared)))
            .isEqualTo("rwxr-x--x");
        Files.writeString(shared.resolve("file"), "changed");
        Files.writeString(shared.resolve("new"), "x");
        assertThat(odd.resolve("file")).hasContent("content");
        assertThat(odd.resolve("new")).doesNotExist();
      }
    });
  }

  @Test
  void closingNeverTouchesWhatWasShared() throws Exception {
    Path source = source();
    PrivateMounts.run(() -> {
      SharedTree tree = new SharedTree(directory.resolve("shared"));
      tree.bind("c", "rootfs", binding(source, true, false));
      // As if the host had unmounted it behind our back.
      Mounts.detach(tree.root().resolve("c/rootfs").toString());
      tree.close();
      tree.close();
      assertThat(directory.resolve("shared")).doesNotExist();
    });
    assertThat(source.resolve("file")).hasContent("content");
  }

  @Test
  void aCopyElsewhereSeesWhatComesAndGoesLater() throws Exception {
    Path source = source();
    Path below = Files.createDirectories(source.resolve("proc"));
    PrivateMounts.run(() -> {
      Mounts.mount("proc", below.toString(), "proc", Set.of(), "");
      try (SharedTree tree = new SharedTree(directory.resolve("shared"))) {
        tree.bind("early", "rootfs", binding(source, true, false));
        try (Elsewhere copy = new Elsewhere()) {
          copy.see(() -> assertThat(tree.root().resolve("early/rootfs/file")).isRegularFile());
          tree.bind("late", "rootfs", binding(source, true, true));
          Path late = tree.root().resolve("late/rootfs");
          copy.see(() -> {
            assertThat(late.resolve("file")).hasContent("content");
            assertThat(late.resolve("proc")).isEmptyDirectory();
            assertThatThrownBy(() -> Files.writeString(late.resolve("file"), "x"))
                .isInstanceOf(FileSystemException.class);
          });
          tree.remove("late");
          tree.remove("never there");
          copy.see(() -> {
            assertThat(late).doesNotExist();
            assertThat(tree.root().resolve("early/rootfs/file")).isRegularFile();
          });
        }
      }
    });
    assertThat(source.resolve("file")).hasContent("content");
  }

  @Test
  void aTreeIsNeverMadeOverAnother() throws Exception {
    Files.createDirectory(directory.resolve("shared"));
    assertThatThrownBy(() -> new SharedTree(directory.resolve("shared")))
        .isInstanceOf(CasemateException.class);
  }

  @Test
  void targetsAreMadeWithinTheRoot() throws Exception {
    Path rootfs = Files.createDirectories(directory.resolve("rootfs"));
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Files.createSymbolicLink(rootfs.resolve("etc"), outside);
    Files.createSymbolicLink(rootfs.resolve("up"), Path.of("../outside"));
    Path file = source().resolve("file");
    MountTargets.make(
        rootfs,
        List.of(
            new MountDecision.InGuest(mount("/dev", "tmpfs")),
            new MountDecision.InGuest(mount("/dev/pts", "devpts")),
            new MountDecision.Share(mount("/etc/resolv.conf", "bind"), file, false),
            new MountDecision.Share(mount("/a/b/file", "bind"), file, false),
            new MountDecision.Share(mount("/up/x", "bind"), directory, true),
            new MountDecision.Share(mount("relative/dir", "bind"), directory, true)));
    assertThat(outside).isEmptyDirectory();
    assertThat(rootfs.resolve("dev")).isEmptyDirectory();
    assertThat(rootfs.resolve("a/b/file")).isRegularFile();
    assertThat(rootfs.resolve("relative/dir")).isDirectory();
  }

  /** A namespace of its own whose mounts are slaves of ours, as a file daemon makes it. */
  private static final class Elsewhere implements AutoCloseable {
    private final ExecutorService thread =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("elsewhere").factory());

    Elsewhere() throws Exception {
      see(() -> {
        Namespace.unshare(Namespace.MOUNT);
        Mounts.setPropagation("/", Propagation.SLAVE, true);
      });
    }

    void see(Runnable code) throws Exception {
      thread.submit(code).get(1, TimeUnit.MINUTES);
    }

    @Override
    public void close() {
      thread.shutdownNow();
    }
  }

  private static dev.casemate.model.oci.Mount mount(String destination, String type) {
    return new dev.casemate.model.oci.Mount(
        destination, type, "x", List.of(), List.of(), List.of());
  }
}
