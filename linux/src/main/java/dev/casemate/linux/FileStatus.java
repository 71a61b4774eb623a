package dev.casemate.linux;

/**
 * What {@code statx(2)} tells of a file.
 *
 * @param mode type and permission bits, as in {@code st_mode}
 * @param owner the numeric user
 * @param group the numeric group
 * @param size bytes
 * @param inode the number within its device
 * @param deviceMajor the device that holds the file
 * @param deviceMinor the device that holds the file
 * @param specialMajor the device that the file stands for, 0 when it is not a device
 * @param specialMinor the device that the file stands for, 0 when it is not a device
 */
public record FileStatus(
    int mode,
    int owner,
    int group,
    long size,
    long inode,
    int deviceMajor,
    int deviceMinor,
    int specialMajor,
    int specialMinor) {
  private static final int TYPE_BITS = 0xf000;

  /** The kinds of files. */
  public enum Kind {
    /** A pipe with a name. */
    FIFO(0x1000),
    /** A character device. */
    CHARACTER_DEVICE(0x2000),
    /** A directory. */
    DIRECTORY(0x4000),
    /** A block device. */
    BLOCK_DEVICE(0x6000),
    /** A regular file. */
    REGULAR(0x8000),
    /** A symbolic link. */
    SYMBOLIC_LINK(0xa000),
    /** A Unix socket with a name. */
    SOCKET(0xc000),
    /** Something without a type in its mode: an eventfd, a pidfd, a namespace. */
    OTHER(0);

    private final int bits;

    Kind(int bits) {
      this.bits = bits;
    }

    int bits() {
      return bits;
    }
  }

  /** The kind of the file. */
  public Kind kind() {
    for (Kind kind : Kind.values()) {
      if (kind.bits() == (mode & TYPE_BITS)) {
        return kind;
      }
    }
    return Kind.OTHER;
  }

  /** Whether it is a directory. */
  public boolean isDirectory() {
    return kind() == Kind.DIRECTORY;
  }

  /** Whether it is a regular file. */
  public boolean isRegular() {
    return kind() == Kind.REGULAR;
  }

  /** The permission bits, with set-user-id, set-group-id and sticky: 0 to 07777. */
  public int permissions() {
    return mode & 0xfff;
  }

  /** Whether this is the same file as another, by device and inode. */
  public boolean isSameFile(FileStatus other) {
    return inode == other.inode
        && deviceMajor == other.deviceMajor
        && deviceMinor == other.deviceMinor;
  }
}
