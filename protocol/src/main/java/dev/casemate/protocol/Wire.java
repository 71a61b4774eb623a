package dev.casemate.protocol;

/**
 * The ttRPC frame (containerd/ttrpc, PROTOCOL.md, version 1.2): a header of ten bytes, big-endian,
 * and data.
 *
 * <pre>
 * 0  4  length of the data, at most 4 MiB; the first byte is therefore 0
 * 4  4  stream id, odd for streams that the client opens
 * 8  1  type
 * 9  1  flags, by type
 * </pre>
 */
final class Wire {
  static final int HEADER = 10;

  /** The largest data of a frame, in bytes; the reference refuses more. */
  static final int MAX_DATA = 4 << 20;

  /**
   * Data that a sound peer cannot have meant, in bytes: the first byte of the length is reserved
   * and zero. A longer frame means that the two sides have lost step.
   */
  static final int LOST_STEP = 1 << 24;

  static final int REQUEST = 1;
  static final int RESPONSE = 2;
  static final int DATA = 3;

  /** On a request and on data: the sender sends no more. */
  static final int REMOTE_CLOSED = 0x01;

  /** On a request: data follows. */
  static final int REMOTE_OPEN = 0x02;

  /** On data: there is none, which is something else than an empty message. */
  static final int NO_DATA = 0x04;

  private Wire() {}

  /** Writes a header into the first ten bytes of a frame that is otherwise complete. */
  static void putHeader(byte[] frame, int streamId, int type, int flags) {
    putInt(frame, 0, frame.length - HEADER);
    putInt(frame, 4, streamId);
    frame[8] = (byte) type;
    frame[9] = (byte) flags;
  }

  /** Changes the stream id in a header. */
  static void putStreamId(byte[] frame, int streamId) {
    putInt(frame, 4, streamId);
  }

  static int getInt(byte[] bytes, int offset) {
    return (bytes[offset] & 0xff) << 24
        | (bytes[offset + 1] & 0xff) << 16
        | (bytes[offset + 2] & 0xff) << 8
        | (bytes[offset + 3] & 0xff);
  }

  private static void putInt(byte[] bytes, int offset, int value) {
    bytes[offset] = (byte) (value >>> 24);
    bytes[offset + 1] = (byte) (value >>> 16);
    bytes[offset + 2] = (byte) (value >>> 8);
    bytes[offset + 3] = (byte) value;
  }
}
