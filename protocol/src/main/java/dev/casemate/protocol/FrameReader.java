package dev.casemate.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Takes a stream of bytes apart into frames, header first, so that data is stored only for a frame
 * that somebody waits for. Owned by a connection's reader thread.
 */
final class FrameReader {
  /**
   * Bytes read ahead: most frames are smaller and cost one read, larger ones go straight to their
   * own array after it.
   */
  private static final int AHEAD = 8 << 10;

  private static final byte[] NOTHING = new byte[0];

  private final InputStream in;
  private final byte[] buffer = new byte[AHEAD];
  private int position;
  private int limit;

  private int length;
  private int streamId;
  private int type;
  private int flags;

  FrameReader(InputStream in) {
    this.in = in;
  }

  /**
   * Reads the next header; the data before it must have been taken or skipped.
   *
   * @return false when the peer ended the stream between two frames
   * @throws EOFException when it ended within a header
   * @throws ProtocolViolation when the two sides have lost step
   */
  boolean next() throws IOException {
    while (limit - position < Wire.HEADER) {
      if (!fill()) {
        if (limit == position) {
          return false;
        }
        throw new EOFException("the stream ended within a frame's header");
      }
    }
    length = Wire.getInt(buffer, position);
    streamId = Wire.getInt(buffer, position + 4);
    type = buffer[position + 8] & 0xff;
    flags = buffer[position + 9] & 0xff;
    position += Wire.HEADER;
    if (length < 0 || length >= Wire.LOST_STEP) {
      throw new ProtocolViolation(
          "a frame claims " + Integer.toUnsignedString(length) + " bytes of data");
    }
    return true;
  }

  /** Bytes of the present frame's data, below {@link Wire#LOST_STEP}. */
  int length() {
    return length;
  }

  /** The present frame's stream id, an unsigned number. */
  int streamId() {
    return streamId;
  }

  /** The present frame's type, 0 to 255. */
  int type() {
    return type;
  }

  /** The present frame's flags, 0 to 255. */
  int flags() {
    return flags;
  }

  /** Reads the present frame's data, all of it; the caller has checked the length. */
  byte[] data() throws IOException {
    if (length == 0) {
      return NOTHING;
    }
    byte[] data = new byte[length];
    int have = Math.min(length, limit - position);
    System.arraycopy(buffer, position, data, 0, have);
    position += have;
    while (have < length) {
      int got = in.read(data, have, length - have);
      if (got < 0) {
        throw new EOFException("the stream ended within a frame's data");
      }
      have += got;
    }
    return data;
  }

  /** Reads and forgets the present frame's data. */
  void skip() throws IOException {
    int left = length;
    while (true) {
      int have = Math.min(left, limit - position);
      position += have;
      left -= have;
      if (left == 0) {
        return;
      }
      if (!fill()) {
        throw new EOFException("the stream ended within a frame's data");
      }
    }
  }

  private boolean fill() throws IOException {
    if (position > 0) {
      System.arraycopy(buffer, position, buffer, 0, limit - position);
      limit -= position;
      position = 0;
    }
    int got = in.read(buffer, limit, buffer.length - limit);
    if (got < 0) {
      return false;
    }
    limit += got;
    return true;
  }
}
