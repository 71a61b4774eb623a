package dev.casemate.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.hypervisor.ScratchDirectory;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonNumber;
import dev.casemate.model.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QmpClientTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(50);

  private final ScratchDirectory scratch = new ScratchDirectory();
  private final BlockingQueue<QmpEvent> events = new LinkedBlockingQueue<>();
  private SocketChannel qemu;
  private BufferedReader commands;
  private QmpClient client;

  @BeforeEach
  void connect() throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(scratch.file("qmp"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      client = new QmpClient(SocketChannel.open(address), events::add);
      qemu = server.accept();
    }
    commands = new BufferedReader(Channels.newReader(qemu, StandardCharsets.UTF_8));
  }

  @AfterEach
  void disconnect() throws IOException {
    client.close();
    qemu.close();
    scratch.close();
  }

  private void say(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      qemu.write(bytes);
    }
  }

  private JsonObject hear() throws IOException {
    return Json.parseObject(commands.readLine(), "command", JsonLimits.SMALL);
  }

  private static void assertFails(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(CasemateException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private CompletableFuture<Object> execute(String command) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return client.execute(command, JsonObject.EMPTY, BOUND);
      } catch (CasemateException e) {
        return e.code();
      }
    });
  }

  @Test
  void negotiatesAndReportsTheVersion() throws Exception {
    CompletableFuture<QmpMessage.Greeting> version =
        CompletableFuture.supplyAsync(() -> client.negotiate(BOUND));
    say("{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 1, \"minor\": 0, \"major\": 10}}}}\r\n");
    JsonObject command = hear();
    assertThat(command.get("execute")).hasToString("\"qmp_capabilities\"");
    say("{\"return\": {}, \"id\": " + command.get("id") + "}\r\n");
    assertThat(version.get(60, TimeUnit.SECONDS)).isEqualTo(new QmpMessage.Greeting(10, 0, 1));
  }

  @Test
  void matchesRepliesByIdWhateverTheirOrderAndWhatIsBetween() throws Exception {
    CompletableFuture<Object> first = execute("first");
    JsonObject one = hear();
    CompletableFuture<Object> second = execute("second");
    JsonObject two = hear();
    say("{\"return\": 2, \"id\": " + two.get("id") + "}\n{\"event\": \"STOP\"}\n");
    say("{\"return\": 1, \"id\": " + one.get("id") + "}\n");
    assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo(JsonNumber.of(1));
    assertThat(second.get(60, TimeUnit.SECONDS)).isEqualTo(JsonNumber.of(2));
    assertThat(events.poll(60, TimeUnit.SECONDS)).isEqualTo(new QmpEvent.Stopped());
  }

  @Test
  void aRefusedCommandFails() throws Exception {
    CompletableFuture<Object> refused = execute("x");
    say("{\"error\": {\"class\": \"G\", \"desc\": \"d\"}, \"id\": " + hear().get("id") + "}\n");
    assertThat(refused.get(60, TimeUnit.SECONDS)).isEqualTo(ErrorCode.PROTOCOL);
  }

  @Test
  void aSilentMonitorCostsTheBoundAndALateReplyNothing() throws Exception {
    assertFails(ErrorCode.TIMED_OUT, () -> client.execute("slow", JsonObject.EMPTY, SHORT));
    assertFails(ErrorCode.TIMED_OUT, () -> client.negotiate(SHORT));
    JsonObject late = hear();
    CompletableFuture<Object> next = execute("next");
    say("{\"return\": \"late\", \"id\": " + late.get("id") + "}\n");
    say("{\"return\": \"next\", \"id\": " + hear().get("id") + "}\n");
    assertThat(next.get(60, TimeUnit.SECONDS)).hasToString("\"next\"");
  }

  @Test
  void aClosedMonitorFailsWhoWaitsAndWhoComesLater() throws Exception {
    CompletableFuture<Object> waiting = execute("x");
    hear();
    qemu.close();
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(ErrorCode.VMM_DIED);
    assertThat(client.awaitEnd(BOUND)).isTrue();
    assertFails(ErrorCode.VMM_DIED, () -> client.execute("y", JsonObject.EMPTY, BOUND));
    assertFails(ErrorCode.VMM_DIED, () -> client.negotiate(BOUND));
  }

  @Test
  void anEndlessMessageEndsTheConnection() throws Exception {
    CompletableFuture<Object> waiting = execute("x");
    hear();
    try {
      for (int i = 0; i <= QmpMessage.LARGEST / 1024; i++) {
        say(" ".repeat(1024));
      }
    } catch (IOException e) {
      // The client has hung up already.
    }
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(ErrorCode.PROTOCOL);
  }

  @Test
  void noiseEndsTheConnectionAndNothingElse() throws Exception {
    CompletableFuture<Object> waiting = execute("x");
    hear();
    byte[] noise = new byte[2048];
    new Random(3).nextBytes(noise);
    // In one piece: the client hangs up as soon as it has seen enough.
    noise[noise.length - 1] = '\n';
    qemu.write(ByteBuffer.wrap(noise));
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(ErrorCode.PROTOCOL);
    assertThat(client.awaitEnd(BOUND)).isTrue();
  }
}
