package dev.casemate.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The tree of mounts of the calling thread's mount namespace; all of it needs {@code
 * CAP_SYS_ADMIN}. A target that a stranger can change must be opened first ({@link
 * Filesystem#openIn}) and be named by {@link Descriptor#path()}, or be reached by {@link #attach}.
 */
public final class Mounts {
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int OPEN_TREE_CLOEXEC = 0x80000;

  /** {@code MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH}. */
  private static final int MOVE_BOTH_EMPTY = 0x04 | 0x40;

  private Mounts() {}

  /**
   * Mounts a file system.
   *
   * @param source a device, a tag, or any word for file systems without one
   * @param type such as {@code tmpfs}
   * @param data options for the file system, comma-separated, may be empty; at most 4095 bytes
   */
  public static void mount(
      String source, String target, String type, Set<MountFlag> flags, String data) {
    long bits = 0;
    for (MountFlag flag : flags) {
      bits |= flag.bits();
    }
    MountCalls.mount(source, target, type, bits, data);
  }

  /** Makes a file or directory visible at a second place, with the mounts below it or without. */
  public static void bind(String source, String target, boolean recursive) {
    long bits = MountFlag.BIND.bits() | (recursive ? MountFlag.RECURSIVE.bits() : 0);
    MountCalls.mount(source, target, "", bits, "");
  }

  /**
   * Sets and clears properties of a mount, and of all below it when recursive, in one step. Since
   * Linux 5.12.
   */
  public static void setAttributes(
      String target, boolean recursive, Set<MountAttribute> set, Set<MountAttribute> clear) {
    MountCalls.mountSetattr(
        FileCalls.AT_FDCWD,
        target,
        recursive ? AT_RECURSIVE : 0,
        bits(set),
        bits(clear),
        0,
        target);
  }

  /** The same for the root of a tree held by a descriptor, such as {@link #cloneTree} gives. */
  public static void setAttributes(
      Descriptor tree, boolean recursive, Set<MountAttribute> set, Set<MountAttribute> clear) {
    int fd = tree.acquire("mount_setattr");
    try {
      int flags = FileCalls.AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
      MountCalls.mountSetattr(fd, "", flags, bits(set), bits(clear), 0, tree.subject());
    } finally {
      tree.release();
    }
  }

  /** Makes a mount read-only, and all below it when recursive. Since Linux 5.12. */
  public static void makeReadOnly(String target, boolean recursive) {
    setAttributes(target, recursive, Set.of(MountAttribute.READ_ONLY), Set.of());
  }

  private static long bits(Set<MountAttribute> attributes) {
    long bits = 0;
    for (MountAttribute attribute : attributes) {
      bits |= attribute.bits();
    }
    return bits;
  }

  /** Sets the propagation of a mount, and of all below it when recursive. */
  public static void setPropagation(String target, Propagation propagation, boolean recursive) {
    long bits = propagation.bits() | (recursive ? MountFlag.RECURSIVE.bits() : 0);
    MountCalls.mount("", target, "", bits, "");
  }

  /** Moves a mount to another place. */
  public static void move(String source, String target) {
    MountCalls.mount(source, target, "", MountFlag.MOVE.bits(), "");
  }

  /**
   * A copy of the tree at a path that is attached nowhere: it goes with its descriptor unless
   * {@link #attach}ed. Since Linux 5.2.
   */
  public static Descriptor cloneTree(Descriptor root, boolean recursive) {
    int fd = root.acquire("open_tree");
    try {
      int flags =
          OPEN_TREE_CLONE
              | OPEN_TREE_CLOEXEC
              | FileCalls.AT_EMPTY_PATH
              | (recursive ? AT_RECURSIVE : 0);
      return Descriptor.adopt(MountCalls.openTree(fd, "", flags, root.subject()));
    } finally {
      root.release();
    }
  }

  /**
   * Attaches a cloned tree to what a descriptor refers to; no path is resolved. Since Linux 5.2.
   */
  public static void attach(Descriptor tree, Descriptor target) {
    int from = tree.acquire("move_mount");
    try {
      int to = target.acquire("move_mount");
      try {
        MountCalls.moveMount(from, to, MOVE_BOTH_EMPTY, target.subject());
      } finally {
        target.release();
      }
    } finally {
      tree.release();
    }
  }

  /** Takes a mount away; {@code EBUSY} while anything uses it. The target may not be a link. */
  public static void unmount(String target) {
    MountCalls.umount2(target, 8);
  }

  /** Takes a mount and all below it out of the tree; they end with their last user. */
  public static void detach(String target) {
    MountCalls.umount2(target, 8 | 2);
  }

  /**
   * Makes a mount the root of the mount namespace and puts the old root elsewhere. The processes of
   * the namespace whose root or working directory was the old root follow.
   */
  public static void pivotRoot(String newRoot, String putOld) {
    MountCalls.pivotRoot(newRoot, putOld);
  }

  /** Changes the root directory of the calling process. */
  public static void changeRoot(String path) {
    MountCalls.chroot(path);
  }

  /** All mounts that the calling thread sees, in the order of mounting. */
  public static List<MountEntry> list() {
    String text;
    try {
      // Of the thread, since a thread may have a mount namespace of its own.
      byte[] bytes = Files.readAllBytes(Path.of("/proc/thread-self/mountinfo"));
      text = new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<MountEntry> entries = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      if (!line.isEmpty()) {
        entries.add(MountEntry.parse(line));
      }
    }
    return List.copyOf(entries);
  }
}
