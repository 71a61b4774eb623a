package dev.casemate.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutputRingTest {
  private static OutputRing ringOf(int capacity, String text) {
    OutputRing ring = new OutputRing(capacity);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ring.append(bytes, 0, bytes.length);
    return ring;
  }

  @Test
  void keepsTheLastBytesWhateverTheSizesOfTheAppends() {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      int capacity = 1 + random.nextInt(40);
      OutputRing ring = new OutputRing(capacity);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i < 10; i++) {
        byte[] bytes = new byte[random.nextInt(100)];
        random.nextBytes(bytes);
        int offset = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
        ring.append(bytes, offset, bytes.length - offset);
        all.write(bytes, offset, bytes.length - offset);
      }
      byte[] expected = all.toByteArray();
      int from = Math.max(0, expected.length - capacity);
      assertThat(ring.snapshot()).isEqualTo(Arrays.copyOfRange(expected, from, expected.length));
      assertThat(ring.written()).isEqualTo(expected.length);
    }
  }

  @Test
  void givesTheLastLinesThatSaySomething() {
    assertThat(ringOf(100, "one\n\n \ntwo\r\nthree").lastLines(2)).containsExactly("two", "three");
    assertThat(ringOf(100, "").lastLines(5)).isEmpty();
    assertThat(ringOf(100, "one\n").lastLines(0)).isEmpty();
  }

  @Test
  void takesTerminalControlOutOfLines() {
    assertThat(ringOf(100, "\u001b[1;31mred\u001b[0m \u0007bell\u202e\tend\u001b[").lastLines(1))
        .containsExactly("red bell end");
  }

  @Test
  void cutsLinesThatWouldFlood() {
    assertThat(ringOf(2000, "x".repeat(1500)).lastLines(1))
        .containsExactly("x".repeat(OutputRing.LONGEST_LINE));
  }
}
