package dev.casemate.hypervisor.qemu;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Recognises a guest kernel, and one that is cut short: a bzImage (Linux's
 * Documentation/arch/x86/boot.rst) or an ELF file for x86-64.
 */
final class KernelImage {
  private static final String WHAT = "guest kernel";
  private static final int HEAD = 8192;
  private static final int ELF_MAGIC = 0x464c457f;
  private static final int BZIMAGE_MAGIC = 0x53726448;
  private static final int BZIMAGE_MAGIC_AT = 0x202;
  private static final int SETUP_SECTORS_AT = 0x1f1;
  private static final int SYSTEM_SIZE_AT = 0x1f4;
  private static final int SECTOR = 512;
  private static final int PARAGRAPH = 16;
  private static final int DEFAULT_SETUP_SECTORS = 4;
  private static final int ELF_CLASS_AT = 4;
  private static final int ELF_CLASS_64 = 2;
  private static final int ELF_MACHINE_AT = 18;
  private static final int ELF_MACHINE_X86_64 = 62;
  private static final int ELF_HEADER = 64;
  private static final int ELF_SEGMENTS_AT = 32;
  private static final int ELF_SEGMENT_SIZE_AT = 54;
  private static final int ELF_SEGMENT_COUNT_AT = 56;
  private static final int ELF_SEGMENT_MINIMUM = 56;
  private static final int SEGMENT_OFFSET_AT = 8;
  private static final int SEGMENT_FILE_SIZE_AT = 32;

  private KernelImage() {}

  /** Throws GUEST_IMAGE unless the file is a whole kernel. */
  static void check(Path path) {
    ByteBuffer head = GuestFiles.head(path, HEAD, WHAT);
    long size = GuestFiles.size(path, WHAT);
    long needed;
    if (head.limit() >= ELF_HEADER && head.getInt(0) == ELF_MAGIC) {
      needed = elfSize(head, path);
    } else if (head.limit() >= BZIMAGE_MAGIC_AT + 4
        && head.getInt(BZIMAGE_MAGIC_AT) == BZIMAGE_MAGIC) {
      needed = bzImageSize(head);
    } else {
      throw GuestFiles.broken(WHAT, path, "it is neither a bzImage nor an ELF file", null);
    }
    if (size < needed) {
      throw GuestFiles.broken(
          WHAT, path, "it is cut short: " + size + " of " + needed + " bytes", null);
    }
  }

  private static long bzImageSize(ByteBuffer head) {
    int sectors = Byte.toUnsignedInt(head.get(SETUP_SECTORS_AT));
    int setup = (sectors == 0 ? DEFAULT_SETUP_SECTORS : sectors) + 1;
    return (long) setup * SECTOR + Integer.toUnsignedLong(head.getInt(SYSTEM_SIZE_AT)) * PARAGRAPH;
  }

  private static long elfSize(ByteBuffer head, Path path) {
    long at = head.getLong(ELF_SEGMENTS_AT);
    int size = Short.toUnsignedInt(head.getShort(ELF_SEGMENT_SIZE_AT));
    int count = Short.toUnsignedInt(head.getShort(ELF_SEGMENT_COUNT_AT));
    if (head.get(ELF_CLASS_AT) != ELF_CLASS_64
        || head.getShort(ELF_MACHINE_AT) != ELF_MACHINE_X86_64
        || size < ELF_SEGMENT_MINIMUM
        || at < ELF_HEADER
        || at + (long) size * count > head.limit()) {
      throw GuestFiles.broken(WHAT, path, "it is no ELF kernel for x86-64", null);
    }
    long end = 0;
    for (int i = 0; i < count; i++) {
      int segment = (int) at + i * size;
      long segmentEnd =
          head.getLong(segment + SEGMENT_OFFSET_AT) + head.getLong(segment + SEGMENT_FILE_SIZE_AT);
      end = Math.max(end, segmentEnd);
    }
    return end;
  }
}
