package dev.casemate.linux;

/** Properties of a mount for {@code mount(2)}. */
public enum MountFlag {
  /** No writes. */
  READ_ONLY(0x1),
  /** Set-user-id bits and file capabilities have no effect. */
  NO_SUID(0x2),
  /** Device files cannot be opened. */
  NO_DEVICES(0x4),
  /** Programs cannot be executed. */
  NO_EXEC(0x8),
  /** Writes go to the disk at once. */
  SYNCHRONOUS(0x10),
  /** Changes the flags of a mount that exists. */
  REMOUNT(0x20),
  /** Mandatory locks; without effect since Linux 5.15. */
  MANDATORY_LOCKS(0x40),
  /** Changes of directories go to the disk at once. */
  DIRECTORY_SYNCHRONOUS(0x80),
  /** The last component of the target may not be a symbolic link; since Linux 5.10. */
  NO_SYMBOLIC_LINKS(0x100),
  /** Reading does not change access times. */
  NO_ACCESS_TIME(0x400),
  /** Reading does not change access times of directories. */
  NO_DIRECTORY_ACCESS_TIME(0x800),
  /** Makes a tree visible at a second place. */
  BIND(0x1000),
  /** Moves a mount. */
  MOVE(0x2000),
  /** With {@link #BIND}: also the mounts below. */
  RECURSIVE(0x4000),
  /** The kernel logs no complaint. */
  SILENT(0x8000),
  /** Access times change at most once a day or when older than the last change. */
  RELATIVE_ACCESS_TIME(0x200000),
  /** Every read changes the access time. */
  STRICT_ACCESS_TIME(0x1000000),
  /** Times are written to the disk lazily; since Linux 4.0. */
  LAZY_TIME(0x2000000);

  private final int bits;

  MountFlag(int bits) {
    this.bits = bits;
  }

  int bits() {
    return bits;
  }
}
