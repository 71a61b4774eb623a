package dev.casemate.linux;

/** What resolving a path may not do: {@code openat2(2)}, since Linux 5.6. */
public enum Resolve {
  /** Cross no mount point. */
  NO_MOUNTS(0x01),
  /** Follow no magic link, such as {@code /proc/self/fd/3}. */
  NO_MAGIC_LINKS(0x02),
  /** Follow no symbolic link at all, in no component. */
  NO_SYMLINKS(0x04),
  /** Fail with {@code EXDEV} when the path leaves the directory. */
  BENEATH(0x08),
  /** The directory is the root: absolute paths and links and {@code ..} stay within it. */
  IN_ROOT(0x10);

  private final int bits;

  Resolve(int bits) {
    this.bits = bits;
  }

  int bits() {
    return bits;
  }
}
