package dev.casemate.host.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageStreamTest {
  private static MessageStream hearing(byte[] said) {
    return new MessageStream(new ByteArrayInputStream(said), new ByteArrayOutputStream(), () -> {});
  }

  private static MessageStream hearing(String said) {
    return hearing(said.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void messagesAreReadInTheirOrderUpToTheEnd() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    MessageStream sender = new MessageStream(new ByteArrayInputStream(new byte[0]), line, () -> {});
    sender.send(Message.COMMIT, JsonObject.EMPTY);
    sender.sendError(new CasemateException(ErrorCode.EXHAUSTED, "a", "b", "c"));

    MessageStream receiver = hearing(line.toByteArray());
    assertThat(receiver.receive()).matches(m -> m != null && m.is(Message.COMMIT));
    assertThatThrownBy(() -> receiver.expect(Message.DONE))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.EXHAUSTED))
        .hasMessage("cannot a: b; c");
    assertThat(receiver.receive()).isNull();
  }

  @Test
  void aMessageHasExactlyOneKind() {
    for (String said : new String[] {"{}", "{\"a\":null}", "{\"a\":{},\"b\":{}}", "[]", "", "x"}) {
      assertThatThrownBy(() -> hearing(said + "\n").receive())
          .as(said)
          .isInstanceOfSatisfying(
              CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL));
    }
  }

  @Test
  void noiseIsAProtocolErrorAndNothingElse() throws IOException {
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      byte[] noise = new byte[random.nextInt(2000)];
      random.nextBytes(noise);
      MessageStream stream = hearing(noise);
      try {
        while (stream.receive() != null) {
          // A message by chance.
        }
      } catch (CasemateException wrong) {
        assertThat(wrong.code()).as("seed %d", seed).isEqualTo(ErrorCode.PROTOCOL);
        assertThat(wrong.getMessage()).as("seed %d", seed).doesNotContain("\u0000", "\u001b");
      }
    }
  }
}
