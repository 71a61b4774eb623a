package dev.casemate.linux;

/** Which way bytes flow through an opened file. */
public enum OpenAccess {
  /** {@code O_RDONLY}; also right for {@link OpenFlag#PATH} and {@link OpenFlag#DIRECTORY}. */
  READ,
  /** {@code O_WRONLY}. */
  WRITE,
  /** {@code O_RDWR}; a FIFO opened so neither waits for a peer nor ever ends. */
  READ_WRITE;

  int bits() {
    return switch (this) {
      case READ -> 0;
      case WRITE -> 1;
      case READ_WRITE -> 2;
    };
  }
}
