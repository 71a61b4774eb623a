package dev.casemate.host.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.host.control.ControlRequest;
import dev.casemate.host.control.MessageStream;
import dev.casemate.model.json.JsonObject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MalformedRequestTest {
  @TempDir private Path directory = Path.of("");
  private final List<String> log = new CopyOnWriteArrayList<>();

  private static JsonObject handle(ControlRequest request, MessageStream stream) {
    if (request instanceof ControlRequest.Pause) {
      throw new IllegalStateException("a defect");
    }
    return JsonObject.EMPTY;
  }

  /** What the server says to the bytes, up to the end of the connection. */
  private String answer(String said) throws IOException {
    Path socket = directory.resolve("control.sock");
    try (ControlServer _ = ControlServer.listen(socket, MalformedRequestTest::handle, log::add);
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(ByteBuffer.wrap(said.getBytes(StandardCharsets.UTF_8)));
      client.shutdownOutput();
      return new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aRequestIsAnsweredOnce() throws IOException {
    assertThat(answer("{\"start\":{}}\n{\"start\":{}}\n")).isEqualTo("{\"done\":{}}\n");
  }

  @Test
  void aCallerWithoutAWordIsNoMatter() throws IOException {
    assertThat(answer("")).isEmpty();
    assertThat(log).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                          | 901 | found 0",
        "{\"start\":null}            | 901 | found 0",
        "{\"start\":{},\"kill\":{}}  | 901 | found 2",
        "[]                          | 901 | expected an object",
        "{\"start\"                  | 901 | line 1, column 9",
        "noise\u0001!                | 901 | in 'noise !'",
        "{\"nonsense\":{}}           | 100 | there is no request 'nonsense'",
        "{\"kill\":{}}               | 100 | signal: it is missing",
        "{\"kill\":{\"signal\":65}}  | 100 | from 0 to 64",
        "{\"pause\":{}}              | 900 | a defect",
      })
  void whatCannotBeAnsweredIsToldByCode(String said, int code, String words) throws IOException {
    assertThat(answer(said + "\n"))
        .startsWith("{\"error\":{\"code\":" + code + ",")
        .contains(words)
        .endsWith("}\n");
  }
}
