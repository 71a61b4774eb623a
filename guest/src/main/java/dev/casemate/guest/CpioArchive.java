package dev.casemate.guest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Writes a "newc" cpio archive, the form of an initial RAM file system
 * (Documentation/driver-api/early-userspace/buffer-format.rst of the kernel). Everything belongs to
 * root and carries one fixed time, so that equal contents give equal bytes. Owned by one thread.
 */
final class CpioArchive {
  private static final int DIRECTORY = 0040755;
  private static final int REGULAR = 0100000;
  private static final int LINK = 0120777;
  private static final int CHARACTER_DEVICE = 0020600;
  private static final String TRAILER = "TRAILER!!!";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Set<String> directories = new LinkedHashSet<>();
  private int inode;

  /** Adds a directory and those that lead to it, unless they are there. */
  CpioArchive directory(String path) {
    int slash = path.lastIndexOf('/');
    if (slash > 0) {
      directory(path.substring(0, slash));
    }
    if (directories.add(path)) {
      entry(path, DIRECTORY, new byte[0], 0, 0);
    }
    return this;
  }

  /** Adds a file with its directories; mode bits are octal permissions. */
  CpioArchive file(String path, int permissions, byte[] content) {
    parents(path);
    entry(path, REGULAR | permissions, content, 0, 0);
    return this;
  }

  /** Adds a symbolic link. */
  CpioArchive link(String path, String target) {
    parents(path);
    entry(path, LINK, target.getBytes(StandardCharsets.UTF_8), 0, 0);
    return this;
  }

  /** Adds a character device for root alone. */
  CpioArchive device(String path, int major, int minor) {
    parents(path);
    entry(path, CHARACTER_DEVICE, new byte[0], major, minor);
    return this;
  }

  private void parents(String path) {
    int slash = path.lastIndexOf('/');
    if (slash > 0) {
      directory(path.substring(0, slash));
    }
  }

  /** The whole archive. */
  byte[] finish() {
    entry(TRAILER, 0, new byte[0], 0, 0);
    return out.toByteArray();
  }

  private void entry(String path, int mode, byte[] content, int major, int minor) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    boolean trailer = path.equals(TRAILER);
    StringBuilder header = new StringBuilder("070701");
    field(header, trailer ? 0 : ++inode);
    field(header, mode);
    field(header, 0);
    field(header, 0);
    field(header, (mode & DIRECTORY) == DIRECTORY ? 2 : 1);
    field(header, trailer ? 0 : (int) Trees.EPOCH.getEpochSecond());
    field(header, content.length);
    field(header, 0);
    field(header, 0);
    field(header, major);
    field(header, minor);
    field(header, name.length + 1);
    field(header, 0);
    out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(name);
    out.write(0);
    pad();
    out.writeBytes(content);
    pad();
  }

  private static void field(StringBuilder header, int value) {
    header.append(String.format(Locale.ROOT, "%08x", value));
  }

  private void pad() {
    while (out.size() % 4 != 0) {
      out.write(0);
    }
  }
}
