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
import java.nio.file.FileAlreadyExistsException;
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
    try {
      Mounts.bind(binding.source().toString(), target.toString(), binding.recursive());
      mounted.push(target);
      Mounts.setPropagation(
          target.toString(), binding.follows() ? Propagation.SLAVE : Propagation.PRIVATE, true);
      detachHostControl(target);
      restrict(target, binding.readOnly());
    } catch (LinuxException refused) {
      throw unfit("share " + binding.source(), refused);
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
      Mounts.mount(
          "overlay",
          target.toString(),
          "overlay",
          Set.of(),
          "lowerdir="
              + escaped(lower)
              + ",upperdir="
              + escaped(upper)
              + ",workdir="
              + escaped(work));
      mounted.push(target);
      Mounts.setPropagation(target.toString(), Propagation.PRIVATE, true);
      restrict(target, readOnly);
    } catch (IOException failure) {
      throw unfit("put a layer over " + lower, failure);
    } catch (LinuxException refused) {
      throw unfit("put a layer over " + lower, refused);
    }
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
    if (directory) {
      makeDirectory(target);
    } else {
      try {
        Files.createFile(target);
        made.push(target);
      } catch (IOException failure) {
        throw unfit("make " + target, failure);
      }
    }
    return target;
  }

  private void makeDirectory(Path directory) {
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    } catch (FileAlreadyExistsException taken) {
      throw unfit("make " + directory, taken);
    } catch (IOException failure) {
      throw unfit("make " + directory, failure);
    }
    made.push(directory);
  }

  private static CasemateException unfit(String tried, Exception failure) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT, tried, String.valueOf(failure.getMessage()), "", failure);
  }

  /**
   * Takes every mount away, then the empty directories and files that they lay on. What was bound
   * is never touched: while a mount stays, what is below it is out of reach of a plain unlink.
   *
   * @throws CasemateException HOST_UNFIT when something stays; everything else is gone then
   */
  @Override
  public synchronized void close() {
    CasemateException first = null;
    for (Path target : mounted) {
      try {
        Mounts.detach(target.toString());
      } catch (LinuxException refused) {
        // Gone already: the namespace's end or the host's unmount took it.
        if (refused.errno() != Errno.EINVAL && refused.errno() != Errno.ENOENT) {
          first = first == null ? unfit("unmount " + target, refused) : first;
        }
      }
    }
    mounted.clear();
    for (Path path : made) {
      try {
        Files.deleteIfExists(path);
      } catch (DirectoryNotEmptyException | NoSuchFileException inUse) {
        first = first == null ? unfit("remove " + path, inUse) : first;
      } catch (IOException failure) {
        first = first == null ? unfit("remove " + path, failure) : first;
      }
    }
    made.clear();
    if (first != null) {
      throw first;
    }
  }
}
