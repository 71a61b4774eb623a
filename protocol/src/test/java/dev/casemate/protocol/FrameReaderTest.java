package dev.casemate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FrameReaderTest {
  private static FrameReader reader(byte[] bytes) {
    return new FrameReader(new ByteArrayInputStream(bytes));
  }

  private static byte[] frame(int streamId, int type, int flags, byte[] data) {
    byte[] frame = Arrays.copyOf(new byte[0], Wire.HEADER + data.length);
    System.arraycopy(data, 0, frame, Wire.HEADER, data.length);
    Wire.putHeader(frame, streamId, type, flags);
    return frame;
  }

  @Test
  void readsTheHeaderOfTheDefinition() throws IOException {
    FrameReader reader = reader(HexFormat.of().parseHex("00000002" + "fffffffd" + "03" + "05abcd"));

    assertThat(reader.next()).isTrue();
    assertThat(reader.length()).isEqualTo(2);
    assertThat(Integer.toUnsignedLong(reader.streamId())).isEqualTo(0xfffffffdL);
    assertThat(reader.type()).isEqualTo(Wire.DATA);
    assertThat(reader.flags()).isEqualTo(Wire.REMOTE_CLOSED | Wire.NO_DATA);
    assertThat(reader.data()).containsExactly(0xab, 0xcd);
    assertThat(reader.next()).isFalse();
  }

  @Test
  void tellsAnEndBetweenFramesFromOneWithin() throws IOException {
    byte[] whole = frame(1, Wire.REQUEST, 0, new byte[20]);
    assertThat(reader(new byte[0]).next()).isFalse();
    for (int length = 1; length < whole.length; length++) {
      FrameReader cut = reader(Arrays.copyOf(whole, length));
      assertThatThrownBy(
              () -> {
                assertThat(cut.next()).isTrue();
                cut.data();
              })
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void noticesThatTheSidesHaveLostStep() {
    for (String length : new String[] {"01000000", "7fffffff", "80000000", "ffffffff"}) {
      FrameReader reader = reader(HexFormat.of().parseHex(length + "000000010100"));
      assertThatThrownBy(reader::next).isInstanceOf(ProtocolViolation.class);
    }
  }

  /** Frames of all sizes, cut into reads of all sizes, some read and some skipped. */
  @Test
  void putsFramesTogetherFromAnyPieces() throws IOException {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      byte[][] sent = new byte[40][];
      ByteArrayOutputStream stream = new ByteArrayOutputStream();
      for (int i = 0; i < sent.length; i++) {
        sent[i] = new byte[random.nextInt(i % 8 == 0 ? 100_000 : 40)];
        random.nextBytes(sent[i]);
        stream.write(frame(2 * i + 1, 1 + i % 3, i, sent[i]));
      }

      FrameReader reader = new FrameReader(new Pieces(stream.toByteArray(), random));

      for (int i = 0; i < sent.length; i++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.streamId()).isEqualTo(2 * i + 1);
        assertThat(reader.flags()).isEqualTo(i);
        assertThat(reader.length()).isEqualTo(sent[i].length);
        if (random.nextInt(3) == 0) {
          reader.skip();
        } else {
          assertThat(reader.data()).isEqualTo(sent[i]);
        }
      }
      assertThat(reader.next()).isFalse();
    }
  }

  /** Hands out bytes in pieces of random sizes. */
  private static final class Pieces extends InputStream {
    private final ByteArrayInputStream bytes;
    private final Random random;

    Pieces(byte[] bytes, Random random) {
      this.bytes = new ByteArrayInputStream(bytes);
      this.random = random;
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      int most = random.nextBoolean() ? 16 : 64 << 10;
      return bytes.read(into, offset, Math.min(length, 1 + random.nextInt(most)));
    }
  }
}
