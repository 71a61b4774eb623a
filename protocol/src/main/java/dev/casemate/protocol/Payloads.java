package dev.casemate.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Messages within frames. */
final class Payloads {
  private Payloads() {}

  /**
   * An array for a frame with so many bytes of data.
   *
   * @throws TtrpcException with RESOURCE_EXHAUSTED when a frame may not be that large
   */
  static byte[] frame(long data) {
    if (data > Wire.MAX_DATA) {
      throw new TtrpcException(
          StatusCode.RESOURCE_EXHAUSTED,
          "a message of " + data + " bytes is larger than a frame, which takes " + Wire.MAX_DATA);
    }
    return new byte[Wire.HEADER + (int) data];
  }

  /** Size of a field that holds so many bytes. */
  static long fieldSize(int field, int bytes) {
    return (long) CodedOutputStream.computeTagSize(field)
        + CodedOutputStream.computeUInt32SizeNoTag(bytes)
        + bytes;
  }

  /** Writes a message, whose size is known, as a field. */
  static void write(CodedOutputStream out, int field, MessageLite message, int size)
      throws IOException {
    out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(size);
    message.writeTo(out);
  }

  /** A data frame with stream id 0 that holds a message. */
  static byte[] encode(MessageLite message, int flags) {
    byte[] frame = frame(message.getSerializedSize());
    try {
      CodedOutputStream out =
          CodedOutputStream.newInstance(frame, Wire.HEADER, frame.length - Wire.HEADER);
      message.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException impossible) {
      throw new UncheckedIOException("the size of a message was computed wrongly", impossible);
    }
    Wire.putHeader(frame, 0, Wire.DATA, flags);
    return frame;
  }

  /** Reads from memory that nobody changes any more, without copying byte fields out of it. */
  static CodedInputStream input(ByteString bytes) {
    CodedInputStream in = bytes.newCodedInput();
    in.enableAliasing(true);
    return in;
  }

  /** Reads a message whose byte fields go on sharing the memory. */
  static <M extends MessageLite> M parse(Parser<M> parser, ByteString bytes)
      throws InvalidProtocolBufferException {
    CodedInputStream in = input(bytes);
    M message = parser.parseFrom(in);
    in.checkLastTagWas(0);
    return message;
  }

  /** Passes over a field that this version does not know. */
  static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new InvalidProtocolBufferException("a group ends that was not begun");
    }
  }
}
