package dev.casemate.hypervisor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A copy on disk of what a process prints, for whoever looks after we are gone. Holds at most twice
 * its cap: a full file becomes {@code NAME.1} and a new one begins. A disk that fails only ends the
 * copy. Used by one thread.
 */
final class OutputFile implements AutoCloseable {
  private final Path path;
  private final long cap;
  private OutputStream stream;
  private long size;

  /** Starts an empty file, readable by its owner only. */
  OutputFile(Path path, long cap) {
    this.path = path;
    this.cap = cap;
    this.stream = open(path);
  }

  private static OutputStream open(Path path) {
    try {
      Files.deleteIfExists(path);
      Files.createFile(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      return Files.newOutputStream(path, StandardOpenOption.WRITE);
    } catch (IOException e) {
      return OutputStream.nullOutputStream();
    }
  }

  /** Adds bytes at the end. */
  void write(byte[] bytes, int offset, int length) {
    try {
      if (size + length > cap && size > 0) {
        stream.close();
        Files.move(
            path,
            path.resolveSibling(path.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
        stream = open(path);
        size = 0;
      }
      stream.write(bytes, offset, length);
      size += length;
    } catch (IOException e) {
      stream = OutputStream.nullOutputStream();
    }
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      stream = OutputStream.nullOutputStream();
    }
  }
}
