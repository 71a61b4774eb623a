package dev.casemate.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** How a layer or archive is compressed, told by its first bytes: names and types can lie. */
enum Compression {
  /** Not at all. */
  NONE,
  /** RFC 1952. */
  GZIP,
  /** RFC 8878. */
  ZSTD;

  /** How many bytes {@link #of(byte[])} looks at. */
  static final int MAGIC_BYTES = 4;

  /** Tells it from the first bytes. */
  static Compression of(byte[] start) {
    if (start.length >= 2 && start[0] == 0x1f && start[1] == (byte) 0x8b) {
      return GZIP;
    }
    boolean zstd =
        start.length >= MAGIC_BYTES
            && start[0] == 0x28
            && start[1] == (byte) 0xb5
            && start[2] == 0x2f
            && start[3] == (byte) 0xfd;
    return zstd ? ZSTD : NONE;
  }

  /** Tells it of a file. */
  static Compression of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in.readNBytes(MAGIC_BYTES));
    }
  }
}
