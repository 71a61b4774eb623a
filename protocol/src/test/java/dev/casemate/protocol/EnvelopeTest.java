package dev.casemate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.protocol.agent.ErrorDetail;
import dev.casemate.protocol.agent.WaitProcessRequest;
import dev.casemate.protocol.agent.WaitProcessResponse;
import dev.casemate.protocol.testmessages.KeyValue;
import dev.casemate.protocol.testmessages.Note;
import dev.casemate.protocol.testmessages.Request;
import dev.casemate.protocol.testmessages.Response;
import dev.casemate.protocol.testmessages.Status;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Envelopes written by hand are what protoc's code reads, and the other way round. */
final class EnvelopeTest {
  private static final WaitProcessRequest WAIT =
      WaitProcessRequest.newBuilder().setContainerId("c1").setExecId("e1").build();

  private static byte[] data(byte[] frame) {
    return Arrays.copyOfRange(frame, Wire.HEADER, frame.length);
  }

  private static TtrpcException failureIn(byte[] data) throws InvalidProtocolBufferException {
    return Objects.requireNonNull(ResponseEnvelope.decode(data).failure());
  }

  @Test
  void writesARequestThatGeneratedCodeReads() throws InvalidProtocolBufferException {
    byte[] frame =
        RequestEnvelope.encode(
            "grpc.AgentService", "WaitProcess", WAIT, 5_000_000_000L, Map.of("k", "v"), 0);

    Request request = Request.parseFrom(data(frame));

    assertThat(request.getService()).isEqualTo("grpc.AgentService");
    assertThat(request.getMethod()).isEqualTo("WaitProcess");
    assertThat(WaitProcessRequest.parseFrom(request.getPayload())).isEqualTo(WAIT);
    assertThat(request.getTimeoutNano()).isEqualTo(5_000_000_000L);
    assertThat(request.getMetadataList())
        .containsExactly(KeyValue.newBuilder().setKey("k").setValue("v").build());
  }

  @Test
  void readsARequestThatGeneratedCodeWrites() throws InvalidProtocolBufferException {
    Request request =
        Request.newBuilder()
            .setService("s")
            .setMethod("m")
            .setPayload(WAIT.toByteString())
            .setTimeoutNano(-7)
            .addMetadata(KeyValue.newBuilder().setKey("Containerd-Namespace").setValue("a"))
            .addMetadata(KeyValue.newBuilder().setKey("containerd-namespace").setValue("b"))
            .build();

    RequestEnvelope read = RequestEnvelope.decode(request.toByteArray());

    assertThat(read.service()).isEqualTo("s");
    assertThat(read.method()).isEqualTo("m");
    assertThat(Payloads.parse(WaitProcessRequest.parser(), read.payload())).isEqualTo(WAIT);
    assertThat(read.timeoutNanos()).isEqualTo(-7);
    assertThat(read.metadata()).containsExactly(Map.entry("containerd-namespace", "b"));
  }

  /** What containerd 2.1 sends, byte by byte, from the definition of the frame and of protobuf. */
  @Test
  void writesTheBytesOfTheDefinition() {
    byte[] frame =
        RequestEnvelope.encode(
            "containerd.task.v3.Task",
            "Connect",
            Note.newBuilder().setText("x1").build(),
            0,
            Map.of("containerd-namespace-ttrpc", "default"),
            0);
    Wire.putStreamId(frame, 3);

    String service = hex("containerd.task.v3.Task");
    String method = hex("Connect");
    String metadata = "0a1a" + hex("containerd-namespace-ttrpc") + "1207" + hex("default");
    assertThat(HexFormat.of().formatHex(frame))
        .isEqualTo(
            "0000004f"
                + "00000003"
                + "01"
                + "00"
                + "0a17"
                + service
                + "1207"
                + method
                + "1a04"
                + "0a02"
                + hex("x1")
                + "2a25"
                + metadata);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void writesAResponseThatGeneratedCodeReads() throws InvalidProtocolBufferException {
    byte[] frame =
        ResponseEnvelope.encode(7, WaitProcessResponse.newBuilder().setStatus(137).build());

    assertThat(Wire.getInt(frame, 4)).isEqualTo(7);
    Response response = Response.parseFrom(data(frame));
    assertThat(response.hasStatus()).isFalse();
    assertThat(WaitProcessResponse.parseFrom(response.getPayload()).getStatus()).isEqualTo(137);
  }

  @Test
  void writesAFailureWithItsCode() throws InvalidProtocolBufferException {
    CasemateException failure =
        new CasemateException(
            ErrorCode.EXEC_FAILED, "run /nope", "there is no such file", "check args");

    Response response = Response.parseFrom(data(ResponseEnvelope.encode(9, RpcStatus.of(failure))));

    assertThat(response.getStatus().getCode()).isEqualTo(3);
    assertThat(response.getStatus().getMessage())
        .isEqualTo("cannot run /nope: there is no such file; check args");
    assertThat(response.getStatus().getDetailsList()).hasSize(1);
    Any detail = response.getStatus().getDetails(0);
    assertThat(detail.getTypeUrl()).isEqualTo("type.googleapis.com/casemate.v1.ErrorDetail");
    assertThat(ErrorDetail.parseFrom(detail.getValue()).getCode()).isEqualTo(105);
  }

  @Test
  void readsAFailureOfAnyPeer() throws InvalidProtocolBufferException {
    Response response =
        Response.newBuilder()
            .setStatus(
                Status.newBuilder()
                    .setCode(5)
                    .setMessage("gone\n\u001b[2J")
                    .addDetails(Any.newBuilder().setTypeUrl("type.googleapis.com/other.Detail"))
                    .addDetails(
                        Any.newBuilder()
                            .setTypeUrl("type.googleapis.com/casemate.v1.ErrorDetail")
                            .setValue(ByteString.copyFromUtf8("\u0001garbled"))))
            .build();

    TtrpcException failure = failureIn(response.toByteArray());

    assertThat(failure.status()).isEqualTo(StatusCode.NOT_FOUND);
    assertThat(failure.errorCode()).isEmpty();
    assertThat(failure.toCasemateException("look").code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(failure).hasMessage("gone  [2J");
  }

  @Test
  void keepsEachErrorCodeAcrossTheWire() throws InvalidProtocolBufferException {
    for (ErrorCode code : ErrorCode.values()) {
      CasemateException sent = new CasemateException(code, "try", "why", "advice");

      TtrpcException received = failureIn(data(ResponseEnvelope.encode(1, RpcStatus.of(sent))));

      assertThat(received.errorCode()).contains(code);
      assertThat(received.status().number()).isEqualTo(code.grpcStatus());
      assertThat(received.toCasemateException("call").advice()).isEqualTo("advice");
    }
  }

  @Test
  void boundsAPeersText() throws InvalidProtocolBufferException {
    Response response =
        Response.newBuilder()
            .setStatus(Status.newBuilder().setCode(13).setMessage("x".repeat(1 << 20)))
            .build();

    TtrpcException failure = failureIn(response.toByteArray());

    assertThat(String.valueOf(failure.getMessage())).hasSize(RpcStatus.MAX_TEXT);
  }

  @Test
  void refusesWhatIsMalformed() {
    byte[] negativeLength = HexFormat.of().parseHex("0affffffffff7f");
    byte[] pastTheEnd = HexFormat.of().parseHex("0aff7f61");
    byte[] notUtf8 = HexFormat.of().parseHex("0a02fffe");
    byte[] strayGroup = HexFormat.of().parseHex("0c");

    for (byte[] bytes : new byte[][] {negativeLength, pastTheEnd, notUtf8, strayGroup}) {
      assertThatThrownBy(() -> RequestEnvelope.decode(bytes))
          .isInstanceOf(InvalidProtocolBufferException.class);
    }
    assertThatThrownBy(() -> ResponseEnvelope.decode(pastTheEnd))
        .isInstanceOf(InvalidProtocolBufferException.class);
  }

  @Test
  void refusesToSendMoreThanAFrameTakes() {
    ByteString large = ByteString.copyFrom(new byte[Wire.MAX_DATA]);
    assertThatThrownBy(() -> ResponseEnvelope.encode(1, Note.newBuilder().setData(large).build()))
        .isInstanceOfSatisfying(
            TtrpcException.class,
            refused -> assertThat(refused.status()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED));
  }
}
