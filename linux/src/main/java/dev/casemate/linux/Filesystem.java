package dev.casemate.linux;

import java.util.Set;

/**
 * Calls on paths that {@code java.nio.file} does not offer. Paths are passed as UTF-8 bytes.
 *
 * <p>A path that a container can change must not be resolved from the root of the tree: use {@link
 * #openIn} and the {@code …At} calls, which act on one name in an open directory.
 */
public final class Filesystem {
  private Filesystem() {}

  /**
   * Opens a path from a stranger within a directory: {@code openat2(2)}, since Linux 5.6.
   *
   * @param root the directory that resolution starts at
   * @param resolve what resolution may not do
   * @param mode permission bits of a file that {@link OpenFlag#CREATE} makes, else ignored
   */
  public static Descriptor openIn(
      Descriptor root,
      String path,
      Set<Resolve> resolve,
      OpenAccess access,
      int mode,
      OpenFlag... flags) {
    long resolveBits = 0;
    for (Resolve restriction : resolve) {
      resolveBits |= restriction.bits();
    }
    int flagBits = OpenFlag.bits(flags);
    boolean creates = (flagBits & OpenFlag.CREATE.bits()) != 0;
    int dir = root.acquire("openat2");
    try {
      return Descriptor.adopt(
          FileCalls.openat2(
              dir, path, access.bits() | flagBits, creates ? mode & 0xfff : 0, resolveBits));
    } finally {
      root.release();
    }
  }

  /**
   * Opens the directory at a path within a root, making what is missing of it. Symbolic links are
   * followed as if the root were {@code /}; none leads out of it. The kernel bounds the length of
   * the path ({@code ENAMETOOLONG}) and with it the number of directories.
   *
   * @param mode permission bits of the directories made, less the umask
   * @return an {@link OpenFlag#PATH} descriptor
   */
  public static Descriptor makeDirectoriesIn(Descriptor root, String path, int mode) {
    StringBuilder sofar = new StringBuilder(".");
    Descriptor current = openDirectoryIn(root, ".");
    try {
      for (String name : path.split("/", -1)) {
        if (name.isEmpty() || name.equals(".")) {
          continue;
        }
        if (!name.equals("..")) {
          makeDirectory(current, name, mode);
        }
        Descriptor next = openDirectoryIn(root, sofar.append('/').append(name).toString());
        current.close();
        current = next;
      }
      return current;
    } catch (RuntimeException e) {
      current.close();
      throw e;
    }
  }

  private static Descriptor openDirectoryIn(Descriptor root, String path) {
    return openIn(
        root, path, Set.of(Resolve.IN_ROOT), OpenAccess.READ, 0, OpenFlag.PATH, OpenFlag.DIRECTORY);
  }

  private static void makeDirectory(Descriptor dir, String name, int mode) {
    try {
      makeDirectoryAt(dir, name, mode);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
  }

  /** Makes a directory with a name in an open directory. */
  public static void makeDirectoryAt(Descriptor dir, String name, int mode) {
    int fd = dir.acquire("mkdirat");
    try {
      FileCalls.mkdirat(fd, oneName(name), mode & 0xfff);
    } finally {
      dir.release();
    }
  }

  /** Makes a symbolic link with a name in an open directory. */
  public static void symbolicLinkAt(String target, Descriptor dir, String name) {
    int fd = dir.acquire("symlinkat");
    try {
      FileCalls.symlinkat(target, fd, oneName(name));
    } finally {
      dir.release();
    }
  }

  /** The target of a symbolic link with a name in an open directory, at most 4096 bytes. */
  public static String readLinkAt(Descriptor dir, String name) {
    int fd = dir.acquire("readlinkat");
    try {
      return FileCalls.readlinkat(fd, oneName(name));
    } finally {
      dir.release();
    }
  }

  /** Removes a name from an open directory; {@code directory} says whether it is an empty one. */
  public static void removeAt(Descriptor dir, String name, boolean directory) {
    int fd = dir.acquire("unlinkat");
    try {
      FileCalls.unlinkat(fd, oneName(name), directory ? FileCalls.AT_REMOVEDIR : 0);
    } finally {
      dir.release();
    }
  }

  /** Renames within one open directory, replacing what had the new name. */
  public static void renameAt(Descriptor dir, String from, String to) {
    int fd = dir.acquire("renameat2");
    try {
      FileCalls.renameat2(fd, oneName(from), fd, oneName(to), 0);
    } finally {
      dir.release();
    }
  }

  /** What a name in an open directory stands for; a symbolic link is not followed. */
  public static FileStatus statusAt(Descriptor dir, String name) {
    int fd = dir.acquire("statx");
    try {
      return FileCalls.statx(fd, oneName(name), FileCalls.AT_SYMLINK_NOFOLLOW, name);
    } finally {
      dir.release();
    }
  }

  /** Changes owner and group of a name in an open directory; a symbolic link is not followed. */
  public static void setOwnerAt(Descriptor dir, String name, int uid, int gid) {
    int fd = dir.acquire("fchownat");
    try {
      FileCalls.fchownat(fd, oneName(name), uid, gid, FileCalls.AT_SYMLINK_NOFOLLOW, name);
    } finally {
      dir.release();
    }
  }

  /** What a path stands for; symbolic links are followed. */
  public static FileStatus status(String path) {
    return FileCalls.statx(FileCalls.AT_FDCWD, path, 0, path);
  }

  /** Makes a FIFO with these permission bits, less the umask. */
  public static void makeFifo(String path, int mode) {
    FileCalls.mknodat(FileCalls.AT_FDCWD, path, FileStatus.Kind.FIFO.bits() | (mode & 0xfff), 0);
  }

  /** Makes a device file with these permission bits, less the umask. */
  public static void makeDevice(String path, boolean block, int mode, int major, int minor) {
    FileStatus.Kind kind = block ? FileStatus.Kind.BLOCK_DEVICE : FileStatus.Kind.CHARACTER_DEVICE;
    FileCalls.mknodat(
        FileCalls.AT_FDCWD, path, kind.bits() | (mode & 0xfff), deviceNumber(major, minor));
  }

  /** Changes owner and group of what a path stands for; symbolic links are followed. */
  public static void setOwner(String path, int uid, int gid) {
    FileCalls.fchownat(FileCalls.AT_FDCWD, path, uid, gid, 0, path);
  }

  /** The same, for a symbolic link itself when the path ends in one. */
  public static void setOwnerNoFollow(String path, int uid, int gid) {
    FileCalls.fchownat(FileCalls.AT_FDCWD, path, uid, gid, FileCalls.AT_SYMLINK_NOFOLLOW, path);
  }

  /** Changes the permission bits of what a path stands for; symbolic links are followed. */
  public static void setPermissions(String path, int mode) {
    FileCalls.fchmodat(FileCalls.AT_FDCWD, path, mode & 0xfff);
  }

  /**
   * Sets an extended attribute (xattr(7)) of a path, of the link itself when it ends in one.
   *
   * @param name with its class in front, such as {@code security.capability}
   */
  public static void setExtendedAttribute(String path, String name, byte[] value) {
    FileCalls.lsetxattr(path, name, value);
  }

  /** The file system that holds a path. */
  public static FileSystemStatus fileSystem(String path) {
    return FileCalls.statfs(path);
  }

  /** The kernel's 32-bit device number: {@code new_encode_dev} in {@code linux/kdev_t.h}. */
  private static long deviceNumber(int major, int minor) {
    if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) {
      throw new IllegalArgumentException(
          "device " + major + ":" + minor + " is not within 0:0 to 4095:1048575");
    }
    return (minor & 0xffL) | ((long) major << 8) | ((minor & ~0xffL) << 12);
  }

  private static String oneName(String name) {
    if (name.isEmpty() || name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException("not the name of one directory entry: " + name);
    }
    return name;
  }
}
