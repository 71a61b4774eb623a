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
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The message ttrpc.Request, read and written by hand, so that a payload is copied once on its way
 * out and not at all on its way in.
 *
 * <pre>
 * 1  string             service
 * 2  string             method
 * 3  bytes              payload
 * 4  int64              timeout_nano, 0 for none
 * 5  repeated KeyValue  metadata: 1 string key, 2 string value
 * </pre>
 */
record RequestEnvelope(
    String service,
    String method,
    ByteString payload,
    long timeoutNanos,
    Map<String, String> metadata) {
  private static final int SERVICE = 1;
  private static final int METHOD = 2;
  private static final int PAYLOAD = 3;
  private static final int TIMEOUT = 4;
  private static final int METADATA = 5;
  private static final int KEY = 1;
  private static final int VALUE = 2;

  /** Entries of metadata; the ones in use number two or three. */
  private static final int MAX_METADATA = 64;

  /**
   * A frame with stream id 0.
   *
   * @param payload the request; null when it follows as data
   * @throws TtrpcException with RESOURCE_EXHAUSTED when it is larger than a frame may be
   */
  static byte[] encode(
      String service,
      String method,
      @Nullable MessageLite payload,
      long timeoutNanos,
      Map<String, String> metadata,
      int flags) {
    long size =
        (long) CodedOutputStream.computeStringSize(SERVICE, service)
            + CodedOutputStream.computeStringSize(METHOD, method);
    int payloadSize = payload == null ? 0 : payload.getSerializedSize();
    if (payloadSize > 0) {
      size += Payloads.fieldSize(PAYLOAD, payloadSize);
    }
    if (timeoutNanos != 0) {
      size += CodedOutputStream.computeInt64Size(TIMEOUT, timeoutNanos);
    }
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      size += Payloads.fieldSize(METADATA, entrySize(entry));
    }
    byte[] frame = Payloads.frame(size);
    try {
      CodedOutputStream out =
          CodedOutputStream.newInstance(frame, Wire.HEADER, frame.length - Wire.HEADER);
      out.writeString(SERVICE, service);
      out.writeString(METHOD, method);
      if (payload != null && payloadSize > 0) {
        Payloads.write(out, PAYLOAD, payload, payloadSize);
      }
      if (timeoutNanos != 0) {
        out.writeInt64(TIMEOUT, timeoutNanos);
      }
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        out.writeTag(METADATA, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(entrySize(entry));
        out.writeString(KEY, entry.getKey());
        out.writeString(VALUE, entry.getValue());
      }
      out.checkNoSpaceLeft();
    } catch (IOException impossible) {
      throw new UncheckedIOException("the size of a request was computed wrongly", impossible);
    }
    Wire.putHeader(frame, 0, Wire.REQUEST, flags);
    return frame;
  }

  private static int entrySize(Map.Entry<String, String> entry) {
    return CodedOutputStream.computeStringSize(KEY, entry.getKey())
        + CodedOutputStream.computeStringSize(VALUE, entry.getValue());
  }

  /** Reads the data of a request frame, which the payload goes on sharing. */
  static RequestEnvelope decode(byte[] data) throws InvalidProtocolBufferException {
    try {
      return decode(Payloads.input(UnsafeByteOperations.unsafeWrap(data)));
    } catch (InvalidProtocolBufferException malformed) {
      throw malformed;
    } catch (IOException impossible) {
      throw new UncheckedIOException("reading from memory failed", impossible);
    }
  }

  private static RequestEnvelope decode(CodedInputStream in) throws IOException {
    String service = "";
    String method = "";
    ByteString payload = ByteString.EMPTY;
    long timeout = 0;
    Map<String, String> metadata = Map.of();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case SERVICE << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
            service = in.readStringRequireUtf8();
        case METHOD << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
            method = in.readStringRequireUtf8();
        case PAYLOAD << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> payload = in.readBytes();
        case TIMEOUT << 3 | WireFormat.WIRETYPE_VARINT -> timeout = in.readInt64();
        case METADATA << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
          if (metadata.isEmpty()) {
            metadata = new HashMap<>();
          }
          readEntry(in, metadata);
        }
        default -> Payloads.skip(in, tag);
      }
    }
    return new RequestEnvelope(service, method, payload, timeout, metadata);
  }

  private static void readEntry(CodedInputStream in, Map<String, String> into) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    String key = "";
    String value = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case KEY << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> key = in.readStringRequireUtf8();
        case VALUE << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
            value = in.readStringRequireUtf8();
        default -> Payloads.skip(in, tag);
      }
    }
    in.checkLastTagWas(0);
    in.popLimit(outer);
    if (into.size() >= MAX_METADATA && !into.containsKey(key)) {
      throw new InvalidProtocolBufferException("more than " + MAX_METADATA + " metadata entries");
    }
    into.put(key.toLowerCase(Locale.ROOT), value);
  }
}
