package dev.casemate.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A digest of everything that shapes a product. Every part is hashed with its length, so that no
 * two lists of parts run into each other. Owned by one thread.
 */
final class ContentKey {
  private static final int BUFFER_BYTES = 1 << 16;
  // 128 bits name a cache entry: short enough for paths, long enough never to meet.
  private static final int NAME_DIGITS = 32;

  private final MessageDigest digest = sha256();

  /** Adds a text. */
  ContentKey add(String text) {
    return addBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds bytes. */
  ContentKey addBytes(byte[] bytes) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(bytes.length).flip());
    digest.update(bytes);
    return this;
  }

  /** Adds a file's name and content, but neither its place nor its times. */
  ContentKey addFile(Path file) throws IOException {
    add(String.valueOf(file.getFileName()));
    return add(sha256Of(file));
  }

  /** Adds the names, kinds and contents of all that is below a directory. */
  ContentKey addTree(Path directory) throws IOException {
    for (Path path : Trees.sorted(directory)) {
      add(directory.relativize(path).toString());
      if (Files.isSymbolicLink(path)) {
        add("link").add(Files.readSymbolicLink(path).toString());
      } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        add("file").add(sha256Of(path)).add(Files.getPosixFilePermissions(path).toString());
      } else {
        add("directory");
      }
    }
    return this;
  }

  /** The key as lower-case hexadecimal digits; the object cannot be used any more. */
  String name() {
    return HexFormat.of().formatHex(digest.digest()).substring(0, NAME_DIGITS);
  }

  /** The SHA-256 of a file's content as 64 lower-case hexadecimal digits. */
  static String sha256Of(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
