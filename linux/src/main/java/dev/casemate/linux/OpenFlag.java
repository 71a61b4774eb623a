package dev.casemate.linux;

/** How to open a file, beside reading or writing it: {@code openat(2)}. */
public enum OpenFlag {
  /** Make the file when it is missing, with the given mode less the umask. */
  CREATE(0x40),
  /** With {@link #CREATE}: fail with {@code EEXIST} when it exists. */
  EXCLUSIVE(0x80),
  /** Do not make a terminal the controlling one of the session. */
  NO_CONTROLLING_TERMINAL(0x100),
  /** Empty the file. */
  TRUNCATE(0x200),
  /** Every write goes to the end. */
  APPEND(0x400),
  /** Neither the opening nor what follows waits. */
  NON_BLOCKING(0x800),
  /** Fail with {@code ENOTDIR} unless it is a directory. */
  DIRECTORY(0x10000, 0x4000),
  /** Fail with {@code ELOOP} when the last component is a symbolic link. */
  NO_FOLLOW(0x20000, 0x8000),
  /** Only a handle on the place in the tree: no read, no write. */
  PATH(0x200000);

  private final int x86;
  private final int aarch64;

  OpenFlag(int bits) {
    this(bits, bits);
  }

  OpenFlag(int x86, int aarch64) {
    this.x86 = x86;
    this.aarch64 = aarch64;
  }

  int bits() {
    return SyscallNumbers.AARCH64 ? aarch64 : x86;
  }

  static int bits(OpenFlag... flags) {
    int bits = 0;
    for (OpenFlag flag : flags) {
      bits |= flag.bits();
    }
    return bits;
  }
}
