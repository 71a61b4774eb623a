package dev.casemate.linux;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The address of a Unix socket with a path. The kernel takes 107 bytes at most; a longer path is
 * reached through a descriptor of its directory, which this object keeps open meanwhile.
 */
final class UnixAddress implements AutoCloseable {
  private static final int MAX_PATH_BYTES = 107;
  private static final int FAMILY_BYTES = 2;

  private final @Nullable Descriptor directory;
  private final byte[] bytes;

  private UnixAddress(@Nullable Descriptor directory, byte[] bytes) {
    this.directory = directory;
    this.bytes = bytes;
  }

  static UnixAddress of(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not the path of a socket: it is empty or holds a NUL");
    }
    if (bytes.length <= MAX_PATH_BYTES) {
      return new UnixAddress(null, encoded(bytes));
    }
    int slash = path.lastIndexOf('/');
    if (slash < 0) {
      throw new LinuxException(Errno.ENAMETOOLONG, "bind", path);
    }
    Descriptor directory =
        Descriptor.open(
            path.substring(0, slash + 1), OpenAccess.READ, OpenFlag.PATH, OpenFlag.DIRECTORY);
    byte[] shorter = (directory.path() + path.substring(slash)).getBytes(StandardCharsets.UTF_8);
    if (shorter.length > MAX_PATH_BYTES) {
      directory.close();
      throw new LinuxException(Errno.ENAMETOOLONG, "bind", path);
    }
    return new UnixAddress(directory, encoded(shorter));
  }

  private static byte[] encoded(byte[] path) {
    byte[] address = new byte[FAMILY_BYTES + path.length + 1];
    address[0] = SocketCalls.AF_UNIX;
    System.arraycopy(path, 0, address, FAMILY_BYTES, path.length);
    return address;
  }

  /** {@code struct sockaddr_un} as far as it is used. */
  byte[] bytes() {
    return Arrays.copyOf(bytes, bytes.length);
  }

  @Override
  public void close() {
    Descriptor.closeAll(directory);
  }
}
