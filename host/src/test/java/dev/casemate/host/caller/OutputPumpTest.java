package dev.casemate.host.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.linux.Pipe;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class OutputPumpTest {
  /** More than a pipe holds, and as much as can be on its way. */
  private static final int BYTES = 300_000;

  @Test
  @Timeout(60)
  void withRoomItNeedsNoReader() throws IOException, InterruptedException {
    byte[] all = new byte[BYTES];
    new Random(1).nextBytes(all);
    try (Pipe pipe = Pipe.open()) {
      OutputPump pump =
          OutputPump.start("pump", new ByteArrayInputStream(all), pipe.writeEnd().duplicate());
      while (!pump.waitsForCaller()) {
        Thread.onSpinWait();
      }

      pump.makeRoom();
      pump.join(60_000);

      assertThat(pump.hasEnded()).isTrue();
      assertThat(pump.moved()).isEqualTo(BYTES);
      assertThat(pipe.readEnd().inputStream().readNBytes(BYTES)).isEqualTo(all);
    }
  }
}
