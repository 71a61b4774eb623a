package dev.casemate.linux;

/** Properties of a mount for {@code mount_setattr(2)}, since Linux 5.12. */
public enum MountAttribute {
  /** No writes through this mount. */
  READ_ONLY(0x1),
  /** Set-user-id bits and file capabilities have no effect. */
  NO_SUID(0x2),
  /** Device files cannot be opened. */
  NO_DEVICES(0x4),
  /** Programs cannot be executed. */
  NO_EXEC(0x8),
  /** No symbolic link is followed; since Linux 5.14. */
  NO_SYMBOLIC_LINKS(0x200000);

  private final int bits;

  MountAttribute(int bits) {
    this.bits = bits;
  }

  int bits() {
    return bits;
  }
}
