package dev.casemate.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A digest as images write it.
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex lower-case digits, as many as the algorithm has
 */
record Digest(String algorithm, String hex) {
  private static final int SKIP_BYTES = 1 << 16;

  /**
   * Reads one.
   *
   * @throws dev.casemate.model.CasemateException INVALID_ARGUMENT if it is none
   */
  static Digest parse(String text) {
    int colon = text.indexOf(':');
    String algorithm = colon < 0 ? "" : text.substring(0, colon);
    int digits =
        switch (algorithm) {
          case "sha256" -> 64;
          case "sha512" -> 128;
          default -> -1;
        };
    String hex = text.substring(colon + 1);
    boolean valid = hex.length() == digits;
    for (int i = 0; i < hex.length() && valid; i++) {
      valid = "0123456789abcdef".indexOf(hex.charAt(i)) >= 0;
    }
    if (!valid) {
      throw ImageProblem.malformed("'" + text + "' is no sha256 or sha512 digest");
    }
    return new Digest(algorithm, hex);
  }

  /** Where a layout keeps the blob. */
  String blobName() {
    return "blobs/" + algorithm + "/" + hex;
  }

  /** A stream that counts what passes for {@link #check}. */
  DigestInputStream watch(InputStream in) {
    try {
      return new WholeDigest(
          in, MessageDigest.getInstance(algorithm.equals("sha256") ? "SHA-256" : "SHA-512"));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-2", impossible);
    }
  }

  /** Counts what is skipped as well, which its parent lets pass. */
  private static final class WholeDigest extends DigestInputStream {
    WholeDigest(InputStream in, MessageDigest digest) {
      super(in, digest);
    }

    @Override
    public long skip(long count) throws IOException {
      return readNBytes((int) Math.min(Math.max(count, 0), SKIP_BYTES)).length;
    }
  }

  /** Reads a watched stream to its end and compares. */
  void check(DigestInputStream watched, String what) throws IOException {
    byte[] rest = new byte[1 << 16];
    while (watched.read(rest) >= 0) {
      // What a reader of the content left over, such as padding, counts as well.
    }
    String actual = HexFormat.of().formatHex(watched.getMessageDigest().digest());
    if (!actual.equals(hex)) {
      throw ImageProblem.malformed(
          what + " is damaged: its digest is " + algorithm + ":" + actual + ", not " + this);
    }
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
