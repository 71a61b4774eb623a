package dev.casemate.guest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The signature at the end of a kernel module (include/linux/module_signature.h): signer's name,
 * key's name, signature, twelve bytes that tell their lengths, and a line of text. The host checks
 * the whole initial RAM disk by its digest before each boot, so that a guest has nothing to learn
 * from a signature; checking one costs an emulated guest ten million instructions for each module.
 * A kernel that does not insist loads a module without one as well. Stateless.
 */
final class ModuleSignature {
  private static final byte[] MARK =
      "~Module signature appended~\n".getBytes(StandardCharsets.US_ASCII);

  private static final int LENGTHS = 12;
  private static final int SIGNER_LENGTH = 3;
  private static final int KEY_LENGTH = 4;
  private static final int SIGNATURE_LENGTH = 8;

  private ModuleSignature() {}

  /** The module without its signature, if it has one. */
  static byte[] cut(byte[] module) {
    int mark = module.length - MARK.length;
    if (mark < LENGTHS || !Arrays.equals(module, mark, module.length, MARK, 0, MARK.length)) {
      return module;
    }
    ByteBuffer lengths = ByteBuffer.wrap(module, mark - LENGTHS, LENGTHS).slice();
    long appended =
        Byte.toUnsignedLong(lengths.get(SIGNER_LENGTH))
            + Byte.toUnsignedLong(lengths.get(KEY_LENGTH))
            + Integer.toUnsignedLong(lengths.order(ByteOrder.BIG_ENDIAN).getInt(SIGNATURE_LENGTH));
    long end = mark - LENGTHS - appended;
    if (end <= 0) {
      throw Failures.image(
          "read a kernel module", "its signature is longer than it is", "delete the cache");
    }
    return Arrays.copyOf(module, Math.toIntExact(end));
  }
}
