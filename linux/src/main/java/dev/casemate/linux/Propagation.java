package dev.casemate.linux;

/** Which mount events pass between a mount and its peers: {@code mount_namespaces(7)}. */
public enum Propagation {
  /** Events pass both ways. */
  SHARED(1 << 20),
  /** Events come in, none goes out. */
  SLAVE(1 << 19),
  /** No events. */
  PRIVATE(1 << 18),
  /** No events, and no bind mounts of it. */
  UNBINDABLE(1 << 17);

  private final int bits;

  Propagation(int bits) {
    this.bits = bits;
  }

  int bits() {
    return bits;
  }
}
