package dev.casemate.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The message ttrpc.Response, read and written by hand for the same reason as {@link
 * RequestEnvelope}.
 *
 * <pre>
 * 1  google.rpc.Status  status, absent for OK
 * 2  bytes              payload
 * </pre>
 *
 * @param failure null for OK
 */
record ResponseEnvelope(@Nullable TtrpcException failure, ByteString payload) {
  private static final int STATUS = 1;
  private static final int PAYLOAD = 2;

  /** A frame that answers OK. */
  static byte[] encode(int streamId, MessageLite payload) {
    int payloadSize = payload.getSerializedSize();
    byte[] frame = Payloads.frame(payloadSize == 0 ? 0 : Payloads.fieldSize(PAYLOAD, payloadSize));
    if (payloadSize > 0) {
      try {
        CodedOutputStream out =
            CodedOutputStream.newInstance(frame, Wire.HEADER, frame.length - Wire.HEADER);
        Payloads.write(out, PAYLOAD, payload, payloadSize);
        out.checkNoSpaceLeft();
      } catch (IOException impossible) {
        throw new UncheckedIOException("the size of a response was computed wrongly", impossible);
      }
    }
    Wire.putHeader(frame, streamId, Wire.RESPONSE, 0);
    return frame;
  }

  /** A frame that answers with a failure. */
  static byte[] encode(int streamId, TtrpcException failure) {
    byte[] status = RpcStatus.encode(failure);
    byte[] frame = Payloads.frame(Payloads.fieldSize(STATUS, status.length));
    try {
      CodedOutputStream out =
          CodedOutputStream.newInstance(frame, Wire.HEADER, frame.length - Wire.HEADER);
      out.writeByteArray(STATUS, status);
      out.checkNoSpaceLeft();
    } catch (IOException impossible) {
      throw new UncheckedIOException("the size of a response was computed wrongly", impossible);
    }
    Wire.putHeader(frame, streamId, Wire.RESPONSE, 0);
    return frame;
  }

  /** Reads the data of a response frame, which the payload goes on sharing. */
  static ResponseEnvelope decode(byte[] data) throws InvalidProtocolBufferException {
    try {
      TtrpcException failure = null;
      ByteString payload = ByteString.EMPTY;
      CodedInputStream in = Payloads.input(UnsafeByteOperations.unsafeWrap(data));
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case STATUS << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
              failure = RpcStatus.decode(Payloads.input(in.readBytes()));
          case PAYLOAD << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> payload = in.readBytes();
          default -> Payloads.skip(in, tag);
        }
      }
      return new ResponseEnvelope(failure, payload);
    } catch (InvalidProtocolBufferException malformed) {
      throw malformed;
    } catch (IOException impossible) {
      throw new UncheckedIOException("reading from memory failed", impossible);
    }
  }
}
