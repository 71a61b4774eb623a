package dev.casemate.host.storage;

import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.MountAttribute;
import dev.casemate.linux.MountEntry;
import dev.casemate.linux.Mounts;
import dev.casemate.linux.Propagation;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * The directory that a sandbox shares: bind mounts of what its containers may see, and nothing
 * else. The mounts are made in the caller's mount namespace, which must be private to the sandbox.
 * Thread-safe.
 *
 * <p>What is read-only is so here, on the host, where no guest can undo it. Devices cannot be
 * opened through any of the mounts. Mounts below a bound directory that steer the host ({@code
 * proc}, {@code sysfs} …) do not come along.
 *
 * <p>A file daemon has a copy of the tree in a mount namespace of its own. What is mounted and
 * unmounted here later reaches it, since the tree is a shared mount and the copy its slave; but
 * properties that a mount gets afterwards would not. So each mount is made ready outside of the
 * tree and moved in as a whole.
 */
final class SharedTree implements AutoCloseable {
  private static final Set<String> HOST_CONTROL =
      Set.of(
          "proc",
          "sysfs",
          "cgroup",
          "cgroup2",
          "devtmpfs",
          "devpts",
          "debugfs",
          "tracefs",
          "securityfs",
          "bpf",
          "configfs",
          "efivarfs",
          "pstore",
          "nsfs",
          "binfmt_misc",
          "mqueue");

  /** How something is bound. */
  record Binding(
      Path source, boolean directory, boolean recursive, boolean follows, boolean readOnly) {}

  private final Path root;
  private final Deque<Path> made = new ArrayDeque<>();
  private final Deque<Path> mounted = new ArrayDeque<>();

  /** A tree at that directory, which is made and belongs to it from now on. */
  SharedTree(Path root) {
    this.root = root;
    makeDirectory(root);
    try {
      Mounts.bind(root.toString(), root.toString(), false);
      mounted.push(root);
      // Private first: what goes on in it concerns nobody but the copies that are made of it.
      Mounts.setPropagation(root.toString(), Propagation.PRIVATE, false);
      Mounts.setPropagation(root.toString(), Propagation.SHARED, false);
    } catch (LinuxException refused) {
      close();
      throw unfit("make the shared directory " + root, refused);
    }
  }

  /** The directory that is shared. */
  Path root() {
    return root;
  }

  /**
   * Binds something.
   *
   * @param container the container's directory in the tree
   * @param name its name in there
   * @throws CasemateException HOST_UNFIT when the kernel refuses
   */
  synchronized void bind(String container, String name, Binding binding) {
    Path target = placeholder(container, name, binding.directory());
    String tried = "share " + binding.source();
    moveIn(
        tried,
        target,
        binding.directory(),
        outside -> {
          Mounts.bind(binding.source().toString(), outside.toString(), binding.recursive());
          return () -> {
            Mounts.setPropagation(
                outside.toString(),
                binding.follows() ? Propagation.SLAVE : Propagation.PRIVATE,
                true);
            detachHostControl(outside);
            restrict(outside, binding.readOnly());
          };
        });
  }

  /** Mounts something and tells what is to be done before it may be seen. */
  private interface Mounting {
    /** Mounts on a place outside of the tree. */
    Runnable on(Path outside);
  }

  private void moveIn(String tried, Path target, boolean directory, Mounting mounting) {
    Path outside = root.resolveSibling(root.getFileName() + ".next");
    boolean attached = false;
    try {
      makePlace(outside, directory);
      try {
        Runnable finish = mounting.on(outside);
        attached = true;
        finish.run();
        Mounts.move(outside.toString(), target.toString());
        attached = false;
        mounted.push(target);
      } finally {
        if (attached) {
          Mounts.detach(outside.toString());
        }
        Files.delete(outside);
      }
    } catch (IOException failure) {
      throw unfit(tried, failure);
    } catch (LinuxException refused) {
      throw unfit(tried, refused);
    }
  }

  /**
   * Puts a layer over a root file system that takes the writes.
   *
   * @param layer an empty directory for the layer, not below the tree
   */
  synchronized void overlay(
      String container, String name, Path lower, Path layer, boolean readOnly) {
    Path target = placeholder(container, name, true);
    Path upper = layer.resolve("upper");
    Path work = layer.resolve("work");
    try {
      Files.createDirectories(upper);
      Files.createDirectories(work);
      // The new root directory must look like the old one to whoever may not enter it.
      Files.setPosixFilePermissions(upper, Files.getPosixFilePermissions(lower));
    } catch (IOException failure) {
      throw unfit("put a layer over " + lower, failure);
    }
    String layers =
        "lowerdir=" + escaped(lower) + ",upperdir=" + escaped(upper) + ",workdir=" + escaped(work);
    moveIn(
        "put a layer over " + lower,
        target,
        true,
        outside -> {
          Mounts.mount("overlay", outside.toString(), "overlay", Set.of(), layers);
          return () -> {
            Mounts.setPropagation(outside.toString(), Propagation.PRIVATE, true);
            restrict(outside, readOnly);
          };
        });
  }

  /** Overlayfs separates layers by colons and options by commas. */
  private static String escaped(Path path) {
    return path.toString().replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
  }

  private static void restrict(Path target, boolean readOnly) {
    Set<MountAttribute> attributes =
        readOnly
            ? Set.of(MountAttribute.NO_DEVICES, MountAttribute.READ_ONLY)
            : Set.of(MountAttribute.NO_DEVICES);
    Mounts.setAttributes(target.toString(), true, attributes, Set.of());
  }

  private static void detachHostControl(Path target) {
    List<MountEntry> below =
        Mounts.list().stream()
            .filter(m -> Path.of(m.mountPoint()).startsWith(target))
            .filter(m -> !m.mountPoint().equals(target.toString()))
            .filter(m -> HOST_CONTROL.contains(m.type()))
            .toList();
    for (MountEntry mount : below.reversed()) {
      try {
        Mounts.detach(mount.mountPoint());
      } catch (LinuxException gone) {
        // It lay below one that is detached already.
        if (gone.errno() != Errno.EINVAL && gone.errno() != Errno.ENOENT) {
          throw gone;
        }
      }
    }
  }

  private Path placeholder(String container, String name, boolean directory) {
    Path parent = root.resolve(container);
    if (!made.contains(parent)) {
      makeDirectory(parent);
    }
    Path target = parent.resolve(name);
    make(target, directory);
    return target;
  }

  private void makeDirectory(Path directory) {
    make(directory, true);
  }

  private void make(Path path, boolean directory) {
    try {
      makePlace(path, directory);
    } catch (IOException failure) {
      throw unfit("make " + path, failure);
    }
    made.push(path);
  }

  private static void makePlace(Path path, boolean directory) throws IOException {
    if (directory) {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    } else {
      Files.createFile(path);
    }
  }

  private static CasemateException unfit(String tried, Exception failure) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT, tried, String.valueOf(failure.getMessage()), "", failure);
  }

  /**
   * Takes a container's mounts and its directory out of the tree; one that has none is no error.
   *
   * @throws CasemateException HOST_UNFIT when something stays
   */
  synchronized void remove(String container) {
    Path directory = root.resolve(container);
    removeBelow(directory);
  }

  /**
   * Takes every mount away, then the empty directories and files that they lay on. What was bound
   * is never touched: while a mount stays, what is below it is out of reach of a plain unlink.
   *
   * @throws CasemateException HOST_UNFIT when something stays; everything else is gone then
   */
  @Override
  public synchronized void close() {
    removeBelow(root);
  }

  private void removeBelow(Path directory) {
    CasemateException first = null;
    for (Path target : taken(mounted, directory)) {
      try {
        Mounts.detach(target.toString());
      } catch (LinuxException refused) {
        // Gone already: the namespace's end or the host's unmount took it.
        if (refused.errno() != Errno.EINVAL && refused.errno() != Errno.ENOENT) {
          first = first == null ? unfit("unmount " + target, refused) : first;
        }
      }
    }
    for (Path path : taken(made, directory)) {
      try {
        Files.deleteIfExists(path);
      } catch (DirectoryNotEmptyException | NoSuchFileException inUse) {
        first = first == null ? unfit("remove " + path, inUse) : first;
      } catch (IOException failure) {
        first = first == null ? unfit("remove " + path, failure) : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /** Takes what lies there off a list, in the order of removal. */
  private static List<Path> taken(Deque<Path> from, Path directory) {
    List<Path> taken = from.stream().filter(path -> path.startsWith(directory)).toList();
    from.removeAll(taken);
    return taken;
  }
}
