package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopbackConnectionsTest {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final int BOUND_MILLIS = 60_000;

  private final LoopbackConnections connections = new LoopbackConnections();
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, LoopbackConnections.MOST, InetAddress.getByAddress(LOOPBACK));
    server.setSoTimeout(BOUND_MILLIS);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private long open() {
    return connections.open(LOOPBACK, server.getLocalPort());
  }

  private static ErrorCode code(Runnable refused) {
    return catchThrowableOfType(CasemateException.class, refused::run).code();
  }

  @Test
  void carriesBothWaysAndTheirEnds() throws IOException {
    long number = open();
    try (Socket accepted = server.accept()) {
      connections.write(number, ByteString.copyFromUtf8("question"));
      connections.closeOutput(number);
      assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("question");
      accepted.getOutputStream().write("answer".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    assertThat(connections.read(number).toStringUtf8()).isEqualTo("answer");
    assertThat(connections.read(number)).isEmpty();
    connections.close(number, /* reset= */ false);
    connections.close(number, /* reset= */ false);
    assertThat(code(() -> connections.read(number))).isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void aResetWakesTheReaderAndReachesTheServer() throws Exception {
    long number = open();
    try (Socket accepted = server.accept()) {
      accepted.setSoTimeout(BOUND_MILLIS);
      CompletableFuture<ErrorCode> reading =
          CompletableFuture.supplyAsync(() -> code(() -> connections.read(number)));

      connections.close(number, /* reset= */ true);

      assertThatThrownBy(() -> accepted.getInputStream().read()).hasMessageContaining("reset");
      // The reader may come late, and finds no connection.
      assertThat(reading.get(BOUND_MILLIS, TimeUnit.MILLISECONDS))
          .isIn(ErrorCode.HOST_UNFIT, ErrorCode.NOT_FOUND);
    }
  }

  @Test
  void loopbackAloneIsConnectedTo() throws IOException {
    assertThat(code(() -> connections.open(new byte[] {10, 0, 0, 1}, 80)))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(() -> connections.open(new byte[3], 80))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(() -> connections.open(LOOPBACK, 0))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(() -> connections.open(LOOPBACK, 1 << 16)))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    int port = server.getLocalPort();
    server.close();
    assertThat(code(() -> connections.open(LOOPBACK, port))).isEqualTo(ErrorCode.HOST_UNFIT);
  }

  @Test
  void thereIsABoundAndClosingMakesRoom() {
    List<Long> opened = new ArrayList<>();
    for (int i = 0; i < LoopbackConnections.MOST; i++) {
      opened.add(open());
    }
    assertThat(code(this::open)).isEqualTo(ErrorCode.EXHAUSTED);

    connections.close(opened.removeFirst(), /* reset= */ true);

    opened.add(open());
    opened.forEach(each -> connections.close(each, /* reset= */ true));
  }
}
