package dev.casemate.hypervisor.qemu;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Recognises a root file system by its superblock, and an EROFS image that is cut short (Linux's
 * fs/erofs/erofs_fs.h: at offset 1024 the magic, block size bits at 12, blocks at 36).
 */
final class RootImage {
  private static final String WHAT = "guest root image";
  private static final int HEAD = 4096;
  private static final int SUPERBLOCK = 1024;
  private static final int EROFS_MAGIC = 0xE0F5E1E2;
  private static final int EROFS_BLOCK_BITS = SUPERBLOCK + 12;
  private static final int EROFS_BLOCKS = SUPERBLOCK + 36;
  private static final int LEAST_BLOCK_BITS = 9;
  private static final int MOST_BLOCK_BITS = 16;
  private static final int EXT_MAGIC_AT = SUPERBLOCK + 56;
  private static final short EXT_MAGIC = (short) 0xEF53;
  private static final int SQUASHFS_MAGIC = 0x73717368;

  private RootImage() {}

  /** Throws GUEST_IMAGE unless the file holds a file system that we know. */
  static void check(Path path) {
    ByteBuffer head = GuestFiles.head(path, HEAD, WHAT);
    if (head.limit() < HEAD) {
      throw GuestFiles.broken(WHAT, path, "it has only " + head.limit() + " bytes", null);
    }
    if (head.getInt(SUPERBLOCK) == EROFS_MAGIC) {
      checkErofs(head, path);
    } else if (head.getShort(EXT_MAGIC_AT) != EXT_MAGIC && head.getInt(0) != SQUASHFS_MAGIC) {
      throw GuestFiles.broken(WHAT, path, "it is no EROFS, ext4 or squashfs image", null);
    }
  }

  private static void checkErofs(ByteBuffer head, Path path) {
    int bits = head.get(EROFS_BLOCK_BITS);
    if (bits < LEAST_BLOCK_BITS || bits > MOST_BLOCK_BITS) {
      throw GuestFiles.broken(WHAT, path, "its EROFS superblock is damaged", null);
    }
    long needed = Integer.toUnsignedLong(head.getInt(EROFS_BLOCKS)) << bits;
    long size = GuestFiles.size(path, WHAT);
    if (size < needed) {
      throw GuestFiles.broken(
          WHAT, path, "it is cut short: " + size + " of " + needed + " bytes", null);
    }
  }
}
