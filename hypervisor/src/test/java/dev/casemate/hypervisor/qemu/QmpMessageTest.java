package dev.casemate.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QmpMessageTest {
  private static final List<String> GENUINE =
      List.of(
          "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7},"
              + " \"package\": \"Debian\"}, \"capabilities\": [\"oob\"]}}",
          "{\"return\": {}, \"id\": 4}",
          "{\"id\": 5, \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no x\"}}",
          "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}",
          "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"SHUTDOWN\","
              + " \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}",
          "{\"event\": \"GUEST_PANICKED\", \"data\": {\"action\": \"poweroff\"}}",
          "{\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": true, \"id\": \"agent\"}}",
          "{\"event\": \"STOP\"}",
          "{\"event\": \"RESUME\"}",
          "{\"event\": \"RESET\", \"data\": {\"guest\": false, \"reason\": \"host-qmp\"}}",
          "{\"event\": \"NIC_RX_FILTER_CHANGED\", \"data\": {}}");

  private static QmpMessage parse(String line) {
    return QmpMessage.parse(line.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void understandsWhatQemuSays() {
    assertThat(GENUINE.stream().map(QmpMessageTest::parse))
        .containsExactly(
            new QmpMessage.Greeting(7, 2, 22),
            new QmpMessage.Reply(4, JsonObject.EMPTY),
            new QmpMessage.Failure(5, "CommandNotFound", "no x"),
            new QmpMessage.Failure(-1, "GenericError", "JSON parse error"),
            new QmpMessage.Event(new QmpEvent.Shutdown(true, "guest-reset")),
            new QmpMessage.Event(new QmpEvent.GuestPanicked("poweroff")),
            new QmpMessage.Event(new QmpEvent.PortChanged("agent", true)),
            new QmpMessage.Event(new QmpEvent.Stopped()),
            new QmpMessage.Event(new QmpEvent.Resumed()),
            new QmpMessage.Event(new QmpEvent.Reset(false, "host-qmp")),
            new QmpMessage.Event(new QmpEvent.Other("NIC_RX_FILTER_CHANGED")));
  }

  @Test
  void refusesWhatNoQemuSays() {
    for (String line :
        List.of(
            "",
            "[]",
            "{}",
            "{\"return\": {}}",
            "{\"return\": {}, \"id\": \"4\"}",
            "{\"return\": {}, \"id\": 99999999999999999999}",
            "{\"return\": {}, \"id\": 1.5}",
            "{\"QMP\": {\"version\": {}}}",
            "{\"QMP\": {\"version\": {\"qemu\": {\"micro\":1,\"minor\":2,\"major\":-7}}}}",
            "[".repeat(100) + "]".repeat(100),
            "{\"event\": \"" + "x".repeat(QmpMessage.LARGEST) + "\"}")) {
      assertThatThrownBy(() -> parse(line))
          .as(line.substring(0, Math.min(80, line.length())))
          .isInstanceOfSatisfying(
              CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL));
    }
  }

  @Test
  void keepsNoMoreOfATextThanAPersonReads() {
    QmpMessage message =
        parse("{\"id\": 1, \"error\": {\"class\": \"C\", \"desc\": \"" + "d".repeat(9000) + "\"}}");
    assertThat(message)
        .isEqualTo(new QmpMessage.Failure(1, "C", "d".repeat(QmpMessage.LONGEST_TEXT)));
  }

  @Test
  void damagedMessagesAreUnderstoodOrRefusedAndNothingElse() {
    Random random = new Random(20261127);
    for (int i = 0; i < 20_000; i++) {
      byte[] line = GENUINE.get(random.nextInt(GENUINE.size())).getBytes(StandardCharsets.UTF_8);
      for (int damage = random.nextInt(4); damage >= 0; damage--) {
        line[random.nextInt(line.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(QmpMessage.parse(line)).isNotNull();
      } catch (CasemateException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL);
      }
    }
  }
}
