package dev.casemate.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A guest that is none of ours: an initial RAM disk with busybox and a script as its first process.
 * The "newc" format of cpio(5).
 */
public final class Initrd {
  private static final int DIRECTORY = 040755;
  private static final int PROGRAM = 0100755;

  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
  private int inode;

  private Initrd() {}

  /** Writes one whose first process runs that shell script. */
  public static Path write(Path file, String script) throws IOException {
    Initrd initrd = new Initrd();
    initrd.entry("bin", DIRECTORY, new byte[0]);
    initrd.entry("dev", DIRECTORY, new byte[0]);
    initrd.entry("bin/busybox", PROGRAM, Files.readAllBytes(Path.of("/bin/busybox")));
    String init = "#!/bin/busybox sh\n" + script + "\n";
    initrd.entry("init", PROGRAM, init.getBytes(StandardCharsets.UTF_8));
    initrd.entry("TRAILER!!!", 0, new byte[0]);
    return Files.write(file, initrd.archive.toByteArray());
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
