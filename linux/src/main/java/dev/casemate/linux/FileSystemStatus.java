package dev.casemate.linux;

/**
 * What {@code statfs(2)} tells of a file system.
 *
 * @param type the magic number of its kind, as in {@code linux/magic.h}
 * @param blockBytes the size of a block
 * @param blocks how many blocks there are
 * @param freeBlocks how many are free
 * @param availableBlocks how many are free for those without privileges
 * @param inodes how many inodes there are
 * @param freeInodes how many are free
 */
public record FileSystemStatus(
    long type,
    long blockBytes,
    long blocks,
    long freeBlocks,
    long availableBlocks,
    long inodes,
    long freeInodes) {
  /** {@code CGROUP2_SUPER_MAGIC}. */
  public static final long CGROUP2 = 0x63677270L;

  /** {@code TMPFS_MAGIC}. */
  public static final long TMPFS = 0x01021994L;

  /** {@code PROC_SUPER_MAGIC}. */
  public static final long PROC = 0x9fa0L;

  /** {@code FUSE_SUPER_MAGIC}: FUSE and virtio-fs. */
  public static final long FUSE = 0x65735546L;

  /** {@code EROFS_SUPER_MAGIC_V1}. */
  public static final long EROFS = 0xe0f5e1e2L;

  /**
   * Whether no block or no inode is left, even for root. Kernel file systems have neither, and are
   * never full.
   */
  public boolean isFull() {
    return (blocks > 0 && freeBlocks == 0) || (inodes > 0 && freeInodes == 0);
  }

  /** Bytes that a process without privileges can still use. */
  public long availableBytes() {
    return availableBlocks * blockBytes;
  }
}
