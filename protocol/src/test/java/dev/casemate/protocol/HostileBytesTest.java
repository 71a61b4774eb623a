package dev.casemate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.casemate.protocol.testmessages.KeyValue;
import dev.casemate.protocol.testmessages.Note;
import dev.casemate.protocol.testmessages.Request;
import dev.casemate.protocol.testmessages.Response;
import dev.casemate.protocol.testmessages.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Bytes that no sound peer sends, from a seeded generator: sound frames, then cut, stretched, with
 * bits flipped, in the wrong order, or noise from the start. A failure names its seed.
 */
final class HostileBytesTest {
  private static final int READER_CASES = 20_000;
  private static final int SERVER_CASES = 1_500;
  private static final int CLIENT_CASES = 1_500;

  private static final List<String> METHODS =
      List.of("Echo", "Metadata", "Sum", "Count", "Talk", "Nothing", "");

  private static byte[] frame(Random random, byte[] data, int type) {
    byte[] frame = new byte[Wire.HEADER + data.length];
    System.arraycopy(data, 0, frame, Wire.HEADER, data.length);
    int id = random.nextInt(8) == 0 ? random.nextInt() : 1 + 2 * random.nextInt(6);
    int flags = random.nextInt(4) == 0 ? random.nextInt(256) : random.nextInt(6);
    Wire.putHeader(frame, id, random.nextInt(12) == 0 ? random.nextInt(256) : type, flags);
    return frame;
  }

  private static Note note(Random random) {
    byte[] data = new byte[random.nextInt(random.nextInt(20) == 0 ? 20_000 : 30)];
    random.nextBytes(data);
    return Note.newBuilder()
        .setText(List.of("casemate", "status", "key").get(random.nextInt(3)))
        .setData(ByteString.copyFrom(data))
        .setNumber(random.nextInt(20))
        .build();
  }

  private static byte[] request(Random random) {
    return frame(
        random,
        Request.newBuilder()
            .setService(random.nextInt(10) == 0 ? "no.Service" : EchoService.NAME)
            .setMethod(METHODS.get(random.nextInt(METHODS.size())))
            .setPayload(note(random).toByteString())
            .setTimeoutNano(random.nextInt(4) == 0 ? random.nextLong() : 0)
            .addMetadata(KeyValue.newBuilder().setKey("key").setValue("value"))
            .build()
            .toByteArray(),
        Wire.REQUEST);
  }

  private static byte[] response(Random random) {
    Response.Builder response = Response.newBuilder().setPayload(note(random).toByteString());
    if (random.nextBoolean()) {
      response.setStatus(Status.newBuilder().setCode(code(random)).setMessage("m"));
    }
    return frame(random, response.build().toByteArray(), Wire.RESPONSE);
  }

  /** Any but DEADLINE_EXCEEDED, by which the test knows a call that was never answered. */
  private static int code(Random random) {
    int code = random.nextInt(40) - 10;
    return code == StatusCode.DEADLINE_EXCEEDED.number() ? 0 : code;
  }

  private static byte[] stream(Random random, boolean toServer) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    int frames = 1 + random.nextInt(6);
    for (int i = 0; i < frames; i++) {
      byte[] next =
          switch (random.nextInt(5)) {
            case 0 -> frame(random, note(random).toByteArray(), Wire.DATA);
            case 1 -> toServer ? response(random) : request(random);
            default -> toServer ? request(random) : response(random);
          };
      stream.writeBytes(mutated(random, next));
    }
    return stream.toByteArray();
  }

  private static byte[] mutated(Random random, byte[] frame) {
    byte[] bytes = frame.clone();
    switch (random.nextInt(8)) {
      case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(40));
      case 2 -> random.nextBytes(bytes);
      case 3 -> {
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      case 4 -> {
        // Lengths around the bounds, with nothing behind them.
        int[] lengths = {Wire.MAX_DATA, Wire.MAX_DATA + 1, Wire.LOST_STEP - 1, Wire.LOST_STEP, -1};
        int length = lengths[random.nextInt(lengths.length)];
        for (int i = 0; i < 4; i++) {
          bytes[i] = (byte) (length >>> (24 - 8 * i));
        }
      }
      default -> {
        // As it is.
      }
    }
    return bytes;
  }

  /** The reader gives frames or an IOException, and never keeps more than a frame. */
  @Test
  void theReaderWithstandsThem() {
    for (long seed = 0; seed < READER_CASES; seed++) {
      Random random = new Random(seed);
      byte[] bytes = stream(random, true);
      FrameReader reader = new FrameReader(new ByteArrayInputStream(bytes));
      try {
        while (reader.next()) {
          assertThat(reader.length()).as("seed " + seed).isBetween(0, Wire.LOST_STEP - 1);
          if (reader.length() > Wire.MAX_DATA) {
            reader.skip();
          } else {
            decode(reader.type(), reader.data());
          }
        }
      } catch (IOException expected) {
        assertThat(expected).as("seed " + seed).hasMessageNotContaining("memory");
      } catch (RuntimeException surprise) {
        throw new AssertionError("seed " + seed, surprise);
      }
    }
  }

  private static void decode(int type, byte[] data) {
    try {
      if (type == Wire.RESPONSE) {
        Payloads.parse(Note.parser(), ResponseEnvelope.decode(data).payload());
      } else {
        Payloads.parse(Note.parser(), RequestEnvelope.decode(data).payload());
      }
    } catch (IOException malformed) {
      // As it should be; anything else fails the test.
    }
  }

  /** A server ends or goes on, forgets its calls, and serves its other connections throughout. */
  @Test
  void theServerWithstandsThem() throws Exception {
    TtrpcServer server = new TtrpcServer(List.of(new EchoService()));
    try (Link sound = Link.pipes();
        TtrpcConnection other = sound.right().serve(server);
        TtrpcClient witness = sound.left().client()) {
      for (long seed = 0; seed < SERVER_CASES; seed++) {
        attack(server, new Random(seed));
        Note note = Note.newBuilder().setNumber(seed).build();
        assertThat(witness.call(EchoService.NAME, "Echo", note, Note.parser(), Until.BOUND))
            .as("seed " + seed)
            .isEqualTo(note);
      }
      assertThat(other.isOpen()).isTrue();
    }
  }

  private static void attack(TtrpcServer server, Random random) throws Exception {
    byte[] bytes = stream(random, true);
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server)) {
      Thread drain = Thread.ofVirtual().start(() -> drain(link));
      OutputStream out = link.left().out();
      try {
        out.write(bytes);
      } catch (IOException closed) {
        // The server has had enough.
      }
      link.left().channel().close();
      connection.awaitClosed();
      assertThat(drain.join(Until.BOUND)).isTrue();
    }
  }

  private static void drain(Link link) {
    byte[] buffer = new byte[8 << 10];
    try {
      while (link.left().in().read(buffer) >= 0) {
        // Whatever it says.
      }
    } catch (IOException closed) {
      // That is the end, too.
    }
  }

  /** A client's calls end with an answer or with a TtrpcException, and its threads with it. */
  @Test
  void theClientWithstandsThem() throws Exception {
    for (long seed = 0; seed < CLIENT_CASES; seed++) {
      Random random = new Random(seed);
      byte[] bytes = stream(random, false);
      AtomicReference<TtrpcException> end = new AtomicReference<>();
      try (Link link = Link.pipes();
          TtrpcClient client = link.left().client()) {
        client.onClose(end::set);
        Thread peer = Thread.ofVirtual().start(() -> answer(link, bytes));
        try {
          client.call(
              EchoService.NAME, "Echo", Note.getDefaultInstance(), Note.parser(), Until.BOUND);
        } catch (TtrpcException expected) {
          assertThat(expected.status())
              .as("seed " + seed)
              .isNotIn(StatusCode.OK, StatusCode.DEADLINE_EXCEEDED);
        }
        assertThat(peer.join(Until.BOUND)).as("seed " + seed).isTrue();
      }
      Until.holds(() -> end.get() != null);
    }
  }

  private static void answer(Link link, byte[] bytes) {
    try {
      if (link.right().in().read(new byte[Wire.HEADER]) > 0) {
        link.right().out().write(bytes);
      }
      link.right().channel().close();
    } catch (IOException closed) {
      // The client has had enough.
    }
  }

  /** Headers that claim the most, again and again, for calls that nobody waits for. */
  @Test
  void theClientStoresNothingThatNobodyWaitsFor() throws Exception {
    byte[] junk = new byte[Wire.HEADER + (1 << 20)];
    Wire.putHeader(junk, 99, Wire.RESPONSE, 0);
    try (Link link = Link.pipes();
        TtrpcConnection connection =
            link.right().serve(new TtrpcServer(List.of(new EchoService())));
        TtrpcClient client = link.left().client()) {
      for (int i = 0; i < 200; i++) {
        link.right().out().write(junk);
      }
      assertThat(
              client.call(
                  EchoService.NAME,
                  "Echo",
                  Note.getDefaultInstance(),
                  Note.parser(),
                  Duration.ofSeconds(60)))
          .isEqualTo(Note.getDefaultInstance());
      assertThat(connection.isOpen()).isTrue();
    }
  }
}
