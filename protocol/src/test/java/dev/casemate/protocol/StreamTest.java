package dev.casemate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Parser;
import dev.casemate.protocol.testmessages.Note;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams in each direction. */
final class StreamTest {
  private static final Parser<Note> NOTE = Note.parser();

  private final EchoService service = new EchoService();
  private final TtrpcServer server = new TtrpcServer(List.of(service));

  private static Note number(long number) {
    return Note.newBuilder().setNumber(number).build();
  }

  private static ClientStream<Note, Note> open(TtrpcClient client, String method) {
    return client.openStream(EchoService.NAME, method, NOTE, Until.BOUND);
  }

  private static void assertFails(StatusCode status, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TtrpcException.class, failure -> assertThat(failure.status()).isEqualTo(status));
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  void aServerSendsMany(Link.Kind kind) throws IOException {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ClientStream<Note, Note> stream =
            client.openServerStream(EchoService.NAME, "Count", number(500), NOTE, Until.BOUND)) {
      for (int i = 0; i < 500; i++) {
        assertThat(stream.receive()).isEqualTo(number(i));
      }
      assertThat(stream.receive()).isNull();
      assertThat(stream.receive()).isNull();
      assertThatThrownBy(() -> stream.send(number(1))).isInstanceOf(IllegalStateException.class);
      assertThat(connection.isOpen()).isTrue();
    }
  }

  /** An empty request is zero bytes, and a request nevertheless. */
  @Test
  void anEmptyRequestIsOne() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ClientStream<Note, Note> stream =
            client.openServerStream(
                EchoService.NAME, "Count", Note.getDefaultInstance(), NOTE, Until.BOUND)) {
      assertThat(stream.receive()).isNull();
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void aFailureComesAfterWhatWasSentBefore() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ClientStream<Note, Note> stream =
            client.openServerStream(
                EchoService.NAME,
                "Count",
                Note.newBuilder().setNumber(2).setText("fail").build(),
                NOTE,
                Until.BOUND)) {
      assertThat(stream.receive()).isEqualTo(number(0));
      assertThat(stream.receive()).isEqualTo(number(1));
      assertFails(StatusCode.DATA_LOSS, stream::receive);
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  void aClientSendsMany(Link.Kind kind) throws IOException {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ClientStream<Note, Note> stream = open(client, "Sum")) {
      for (int i = 0; i <= 100; i++) {
        stream.send(number(i));
      }
      stream.closeSend();
      stream.closeSend();
      assertThat(stream.receive()).isEqualTo(number(5050));
      assertThat(stream.receive()).isNull();
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  void bothTalk(Link.Kind kind) throws IOException {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ClientStream<Note, Note> stream = open(client, "Talk")) {
      for (int i = 0; i < 50; i++) {
        Note note =
            Note.newBuilder().setText("n" + i).setData(ByteString.copyFrom(new byte[i])).build();
        stream.send(note);
        assertThat(stream.receive()).isEqualTo(note.toBuilder().setText("re: n" + i).build());
      }
      // An empty message is a message, too.
      stream.send(Note.getDefaultInstance());
      assertThat(stream.receive()).extracting(Note::getText).isEqualTo("re: ");
      stream.closeSend();
      assertThat(stream.receive()).isNull();
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void aStreamHasADeadline() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ClientStream<Note, Note> stream =
            client.openStream(EchoService.NAME, "Talk", NOTE, Duration.ofMillis(50))) {
      assertFails(StatusCode.DEADLINE_EXCEEDED, stream::receive);
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void aStreamEndsWithTheConnection() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ClientStream<Note, Note> stream = open(client, "Talk")) {
      stream.send(number(1));
      assertThat(stream.receive()).isNotNull();
      link.right().channel().close();
      assertFails(StatusCode.UNAVAILABLE, stream::receive);
      Until.holds(() -> !connection.isOpen());
    }
  }

  /** No flow control: who does not take is cut off, and nobody else has to wait for it. */
  @Test
  void aReceiverThatFallsBehindIsCutOff() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ClientStream<Note, Note> stream = open(client, "Deaf")) {
      for (int i = 0; i <= Inbox.MAX_MESSAGES; i++) {
        stream.send(number(i));
      }
      // What comes after it on the connection is answered, so the reader has seen all of these.
      assertThat(client.call(EchoService.NAME, "Echo", number(7), NOTE, Until.BOUND))
          .isEqualTo(number(7));
      service.gate.countDown();
      List<Note> answers = new ArrayList<>();
      assertFails(
          StatusCode.RESOURCE_EXHAUSTED,
          () -> {
            while (true) {
              answers.add(stream.receive());
            }
          });
      assertThat(answers).hasSizeLessThanOrEqualTo(Inbox.MAX_MESSAGES);
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void boundsTheStreamsThatRun() throws IOException {
    List<ClientStream<Note, Note>> streams = new ArrayList<>();
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      for (int i = 0; i < ServerConnection.MAX_STREAMS; i++) {
        streams.add(open(client, "Talk"));
      }
      try (ClientStream<Note, Note> more = open(client, "Talk")) {
        assertFails(StatusCode.RESOURCE_EXHAUSTED, more::receive);
      }
      for (ClientStream<Note, Note> stream : streams) {
        stream.closeSend();
        assertThat(stream.receive()).isNull();
      }
      // The call is forgotten before its last frame is written.
      try (ClientStream<Note, Note> again = open(client, "Talk")) {
        again.send(number(1));
        assertThat(again.receive()).isNotNull();
      }
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void dataOnACallWithOneAnswerIsAFailure() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      assertFails(
          StatusCode.INTERNAL,
          () -> client.call(EchoService.NAME, "Count", number(3), NOTE, Until.BOUND));
      assertThat(connection.isOpen()).isTrue();
    }
  }
}
