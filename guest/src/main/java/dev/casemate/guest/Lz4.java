package dev.casemate.guest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Unpacks the LZ4 "legacy frame" that kernel images are packed in (lz4 frame format, section
 * "Legacy frame"; lz4 block format). Stateless.
 */
final class Lz4 {
  private static final int MAGIC = 0x184c2102;
  private static final int BLOCK_BYTES = 8 << 20;
  private static final int LEAST_MATCH = 4;

  private Lz4() {}

  /** Whether data begins with the frame's magic number. */
  static boolean isFrame(byte[] data) {
    return data.length >= 4
        && ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).getInt(0) == MAGIC;
  }

  /**
   * The unpacked content of a frame; what follows it (kernels append four bytes of size) is
   * ignored.
   *
   * @throws dev.casemate.model.CasemateException GUEST_IMAGE when the data is damaged
   */
  static byte[] unpack(byte[] frame) {
    ByteBuffer in = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    in.position(4);
    ByteArrayOutputStream out = new ByteArrayOutputStream(frame.length * 4);
    byte[] block = new byte[BLOCK_BYTES];
    try {
      while (in.remaining() > 4) {
        int size = in.getInt();
        if (size == MAGIC) {
          continue;
        }
        if (size <= 0 || size > in.remaining()) {
          throw damaged();
        }
        out.write(block, 0, unpackBlock(in.slice(in.position(), size), block));
        in.position(in.position() + size);
      }
    } catch (IndexOutOfBoundsException | java.nio.BufferUnderflowException e) {
      throw damaged();
    }
    return out.toByteArray();
  }

  private static int unpackBlock(ByteBuffer in, byte[] out) {
    in.order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (in.hasRemaining()) {
      int token = Byte.toUnsignedInt(in.get());
      int literals = length(in, token >>> 4);
      in.get(out, at, literals);
      at += literals;
      if (!in.hasRemaining()) {
        return at;
      }
      int distance = Short.toUnsignedInt(in.getShort());
      int match = length(in, token & 15) + LEAST_MATCH;
      if (distance == 0 || distance > at) {
        throw damaged();
      }
      // Byte by byte: a match may overlap what it produces.
      for (int i = 0; i < match; i++, at++) {
        out[at] = out[at - distance];
      }
    }
    return at;
  }

  private static int length(ByteBuffer in, int nibble) {
    int length = nibble;
    if (nibble == 15) {
      int more;
      do {
        more = Byte.toUnsignedInt(in.get());
        length += more;
      } while (more == 255);
    }
    return length;
  }

  private static dev.casemate.model.CasemateException damaged() {
    return Failures.image(
        "unpack the kernel", "its LZ4 data is damaged", "delete the cache and build again");
  }
}
