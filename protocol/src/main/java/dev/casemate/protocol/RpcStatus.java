package dev.casemate.protocol;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.protocol.agent.ErrorDetail;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Failures as google.rpc.Status, and back.
 *
 * <pre>
 * 1  int32         code
 * 2  string        message
 * 3  repeated Any  details, one of them a casemate.v1.ErrorDetail
 * </pre>
 */
final class RpcStatus {
  private static final int CODE = 1;
  private static final int MESSAGE = 2;
  private static final int DETAILS = 3;

  private static final String DETAIL_NAME = "casemate.v1.ErrorDetail";
  private static final String DETAIL_URL = "type.googleapis.com/" + DETAIL_NAME;

  /**
   * Characters of a peer's text that are kept. The peer may be hostile, and the text ends up in
   * logs and on terminals.
   */
  static final int MAX_TEXT = 4096;

  /** Details that are looked at; ours is the only one that we send. */
  private static final int MAX_DETAILS = 8;

  private RpcStatus() {}

  /** What a client is told about a handler's failure. */
  static TtrpcException of(Throwable failure) {
    return switch (failure) {
      case TtrpcException known -> known;
      case CasemateException known ->
          new TtrpcException(
              StatusCode.ofNumber(known.code().grpcStatus()),
              String.valueOf(known.getMessage()),
              new ErrorReport(known.code(), known.tried(), known.why(), known.advice(), 0),
              known);
      default ->
          new TtrpcException(
              StatusCode.INTERNAL,
              failure.toString(),
              new ErrorReport(ErrorCode.BUG, "handle a request", failure.toString(), "", 0),
              failure);
    };
  }

  /** The message's bytes. */
  static byte[] encode(TtrpcException failure) {
    String message = cut(String.valueOf(failure.getMessage()));
    @Nullable Any detail = failure.report().map(RpcStatus::detail).orElse(null);
    int size =
        CodedOutputStream.computeInt32Size(CODE, failure.status().number())
            + CodedOutputStream.computeStringSize(MESSAGE, message)
            + (detail == null ? 0 : CodedOutputStream.computeMessageSize(DETAILS, detail));
    byte[] bytes = new byte[size];
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeInt32(CODE, failure.status().number());
      out.writeString(MESSAGE, message);
      if (detail != null) {
        out.writeMessage(DETAILS, detail);
      }
      out.checkNoSpaceLeft();
    } catch (IOException impossible) {
      throw new UncheckedIOException("the size of a status was computed wrongly", impossible);
    }
    return bytes;
  }

  private static Any detail(ErrorReport report) {
    ErrorDetail detail =
        ErrorDetail.newBuilder()
            .setCode(report.code().number())
            .setTried(cut(report.tried()))
            .setWhy(cut(report.why()))
            .setAdvice(cut(report.advice()))
            .setErrno(report.errno())
            .build();
    return Any.newBuilder().setTypeUrl(DETAIL_URL).setValue(detail.toByteString()).build();
  }

  /** The failure that a status tells of; null for OK. */
  static @Nullable TtrpcException decode(CodedInputStream in) throws IOException {
    int code = 0;
    String message = "";
    ErrorReport report = null;
    int details = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case CODE << 3 | WireFormat.WIRETYPE_VARINT -> code = in.readInt32();
        case MESSAGE << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> message = in.readString();
        case DETAILS << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
          ErrorReport found = details++ < MAX_DETAILS ? report(in) : skipped(in, tag);
          report = found == null ? report : found;
        }
        default -> Payloads.skip(in, tag);
      }
    }
    if (code == StatusCode.OK.number()) {
      return null;
    }
    return new TtrpcException(StatusCode.ofNumber(code), printable(message), report, null);
  }

  private static @Nullable ErrorReport skipped(CodedInputStream in, int tag) throws IOException {
    Payloads.skip(in, tag);
    return null;
  }

  private static @Nullable ErrorReport report(CodedInputStream in) throws IOException {
    Any any = Payloads.parse(Any.parser(), in.readBytes());
    String url = any.getTypeUrl();
    if (!url.substring(url.lastIndexOf('/') + 1).equals(DETAIL_NAME)) {
      return null;
    }
    ErrorDetail detail;
    try {
      detail = Payloads.parse(ErrorDetail.parser(), any.getValue());
    } catch (InvalidProtocolBufferException garbled) {
      return null;
    }
    for (ErrorCode code : ErrorCode.values()) {
      if (code.number() == detail.getCode()) {
        return new ErrorReport(
            code,
            printable(detail.getTried()),
            printable(detail.getWhy()),
            printable(detail.getAdvice()),
            Math.max(0, detail.getErrno()));
      }
    }
    return null;
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }

  /** The text without what could forge a line of a log or steer a terminal. */
  private static String printable(String text) {
    StringBuilder clean = new StringBuilder(cut(text));
    for (int i = 0; i < clean.length(); i++) {
      if (Character.isISOControl(clean.charAt(i))) {
        clean.setCharAt(i, ' ');
      }
    }
    return clean.toString();
  }
}
