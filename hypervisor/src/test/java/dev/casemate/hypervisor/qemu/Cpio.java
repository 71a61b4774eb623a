package dev.casemate.hypervisor.qemu;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes an initial RAM disk: the "newc" format of cpio(5), without padding at its end. */
final class Cpio {
  private static final int DIRECTORY = 040755;
  private static final int PROGRAM = 0100755;

  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
  private int inode;

  Cpio directory(String name) {
    entry(name, DIRECTORY, new byte[0]);
    return this;
  }

  Cpio program(String name, byte[] content) {
    entry(name, PROGRAM, content);
    return this;
  }

  byte[] end() {
    entry("TRAILER!!!", 0, new byte[0]);
    return archive.toByteArray();
  }

  private void entry(String name, int mode, byte[] content) {
    int[] fields = {++inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length() + 1, 0};
    StringBuilder header = new StringBuilder("070701");
    for (int field : fields) {
      header.append("%08x".formatted(field));
    }
    archive.writeBytes((header + name + "\0").getBytes(StandardCharsets.US_ASCII));
    pad();
    archive.writeBytes(content);
    pad();
  }

  private void pad() {
    while (archive.size() % 4 != 0) {
      archive.write(0);
    }
  }
}
