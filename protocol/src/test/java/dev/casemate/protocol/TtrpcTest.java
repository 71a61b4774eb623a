package dev.casemate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Parser;
import dev.casemate.model.ErrorCode;
import dev.casemate.protocol.agent.GetIPTablesResponse;
import dev.casemate.protocol.agent.VersionCheckResponse;
import dev.casemate.protocol.testmessages.Note;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Client and server against each other, over memory and over a socket. */
final class TtrpcTest {
  private static final Parser<Note> NOTE = Note.parser();
  private static final Duration SHORT = Duration.ofMillis(50);

  private final EchoService service = new EchoService();
  private final TtrpcServer server = new TtrpcServer(List.of(service));

  private static Note text(String text) {
    return Note.newBuilder().setText(text).build();
  }

  private static Note number(long number) {
    return Note.newBuilder().setNumber(number).build();
  }

  private static Note echo(TtrpcClient client, Note note) {
    return client.call(EchoService.NAME, "Echo", note, NOTE, Until.BOUND);
  }

  private static void assertFails(StatusCode status, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TtrpcException.class, failure -> assertThat(failure.status()).isEqualTo(status));
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  void answers(Link.Kind kind) throws IOException {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      assertThat(echo(client, text("a"))).isEqualTo(text("a"));
      assertThat(echo(client, Note.getDefaultInstance())).isEqualTo(Note.getDefaultInstance());
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  void answersSideBySide(Link.Kind kind) throws Exception {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Note>> waiting = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        Note note = number(i);
        waiting.add(
            callers.submit(() -> client.call(EchoService.NAME, "Hold", note, NOTE, Duration.ZERO)));
      }
      Until.holds(() -> service.held.get() == 100);

      List<Future<Note>> through = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        Note note =
            Note.newBuilder().setNumber(i).setData(ByteString.copyFrom(new byte[i * 50])).build();
        through.add(callers.submit(() -> echo(client, note)));
      }
      for (int i = 0; i < 500; i++) {
        assertThat(through.get(i).get(60, TimeUnit.SECONDS).getNumber()).isEqualTo(i);
      }

      service.gate.countDown();
      for (int i = 0; i < 100; i++) {
        assertThat(waiting.get(i).get(60, TimeUnit.SECONDS)).isEqualTo(number(i));
      }
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  void carriesTheLargestFrameAndNoLarger(Link.Kind kind) throws IOException {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      // Field and length of the note's bytes in the note, and of the note in its envelope.
      int most = Wire.MAX_DATA - 5 - 5;
      Note answer = client.call(EchoService.NAME, "Large", number(most), NOTE, Until.BOUND);
      assertThat(answer.getData().size()).isEqualTo(most);

      assertFails(
          StatusCode.RESOURCE_EXHAUSTED,
          () -> client.call(EchoService.NAME, "Large", number(most + 1), NOTE, Until.BOUND));
      Note large = Note.newBuilder().setData(ByteString.copyFrom(new byte[Wire.MAX_DATA])).build();
      assertFails(StatusCode.RESOURCE_EXHAUSTED, () -> echo(client, large));
      assertThat(echo(client, text("still there"))).isEqualTo(text("still there"));
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void refusesFramesAboveItsOwnBound() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection =
            server.serve(
                link.right().in(),
                link.right().out(),
                link.right().channel(),
                ConnectionOptions.virtual("bounded").withMaxData(1000));
        TtrpcClient client =
            new TtrpcClient(
                link.left().in(),
                link.left().out(),
                link.left().channel(),
                ConnectionOptions.virtual("bounded").withMaxData(2000))) {
      Note large = Note.newBuilder().setData(ByteString.copyFrom(new byte[1000])).build();
      assertFails(StatusCode.RESOURCE_EXHAUSTED, () -> echo(client, large));
      assertFails(
          StatusCode.RESOURCE_EXHAUSTED,
          () -> client.call(EchoService.NAME, "Large", number(2000), NOTE, Until.BOUND));
      assertThat(echo(client, text("a"))).isEqualTo(text("a"));
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void carriesMetadataAndTheDeadline() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      Note bounded =
          client.call(
              EchoService.NAME, "Metadata", text("key"), NOTE, Until.BOUND, Map.of("key", "value"));
      assertThat(bounded.getText()).isEqualTo("value");
      assertThat(bounded.getNumber()).isBetween(1L, Until.BOUND.toNanos());

      Note unbounded = client.call(EchoService.NAME, "Metadata", text("key"), NOTE, Duration.ZERO);
      assertThat(unbounded.getText()).isEmpty();
      assertThat(unbounded.getNumber()).isEqualTo(-1);
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void carriesFailuresWithTheirCodes() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      assertThatThrownBy(
              () -> client.call(EchoService.NAME, "Fail", text("casemate"), NOTE, Until.BOUND))
          .isInstanceOfSatisfying(
              TtrpcException.class,
              failure -> {
                assertThat(failure.status()).isEqualTo(StatusCode.FAILED_PRECONDITION);
                assertThat(failure.errorCode()).contains(ErrorCode.WRONG_STATE);
                assertThat(failure.report())
                    .contains(
                        new ErrorReport(ErrorCode.WRONG_STATE, "start c1", "it runs", "wait", 0));
              });
      assertThatThrownBy(
              () -> client.call(EchoService.NAME, "Fail", text("status"), NOTE, Until.BOUND))
          .isInstanceOfSatisfying(
              TtrpcException.class,
              failure -> {
                assertThat(failure.status()).isEqualTo(StatusCode.OUT_OF_RANGE);
                assertThat(failure.errorCode()).isEmpty();
              });
      for (String kind : List.of("bug", "error")) {
        assertThatThrownBy(
                () -> client.call(EchoService.NAME, "Fail", text(kind), NOTE, Until.BOUND))
            .isInstanceOfSatisfying(
                TtrpcException.class,
                failure -> {
                  assertThat(failure.status()).isEqualTo(StatusCode.INTERNAL);
                  assertThat(failure.errorCode()).contains(ErrorCode.BUG);
                });
      }
      assertThat(echo(client, text("a"))).isEqualTo(text("a"));
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void saysWhatItDoesNotHave() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      assertFails(
          StatusCode.UNIMPLEMENTED,
          () -> client.call("no.Service", "Echo", text("a"), NOTE, Until.BOUND));
      assertFails(
          StatusCode.UNIMPLEMENTED,
          () -> client.call(EchoService.NAME, "NoMethod", text("a"), NOTE, Until.BOUND));
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void refusesARequestThatIsNoMessage() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      // Field 1 of this message is bytes, of a note a text, which these bytes are not.
      VersionCheckResponse valid = VersionCheckResponse.getDefaultInstance();
      GetIPTablesResponse bad =
          GetIPTablesResponse.newBuilder()
              .setData(ByteString.copyFrom(new byte[] {(byte) 0xff}))
              .build();
      assertThat(client.call(EchoService.NAME, "Echo", valid, NOTE, Until.BOUND))
          .isEqualTo(Note.getDefaultInstance());
      assertFails(
          StatusCode.INVALID_ARGUMENT,
          () -> client.call(EchoService.NAME, "Echo", bad, NOTE, Until.BOUND));
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  void keepsTheDeadlineOnBothSides(Link.Kind kind) throws IOException {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      assertFails(
          StatusCode.DEADLINE_EXCEEDED,
          () -> client.call(EchoService.NAME, "Hold", text("a"), NOTE, SHORT));
      Until.holds(() -> service.cancelled.get() == 1 && service.told.get() == 1);

      // A handler that takes no notice answers late and nobody minds.
      assertFails(
          StatusCode.DEADLINE_EXCEEDED,
          () -> client.call(EchoService.NAME, "Ignore", text("a"), NOTE, SHORT));
      service.gate.countDown();
      for (int i = 0; i < 20; i++) {
        assertThat(echo(client, number(i))).isEqualTo(number(i));
      }
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  @SuppressWarnings("try") // closing by hand is what is tested
  void tellsBothSidesThatTheConnectionEnded(Link.Kind kind) throws Exception {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicReference<TtrpcException> reason = new AtomicReference<>();
      client.onClose(reason::set);
      Future<Note> waiting =
          callers.submit(
              () -> client.call(EchoService.NAME, "Hold", text("a"), NOTE, Duration.ZERO));
      Until.holds(() -> service.held.get() == 1);

      connection.close();
      connection.awaitClosed();

      Until.holds(() -> service.cancelled.get() == 1 && service.told.get() == 1);
      assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(TtrpcException.class);
      Until.holds(() -> reason.get() != null);
      assertThat(reason.get()).extracting(TtrpcException::status).isEqualTo(StatusCode.UNAVAILABLE);
      assertThat(client.isOpen()).isFalse();
      assertFails(StatusCode.UNAVAILABLE, () -> echo(client, text("b")));
      AtomicInteger late = new AtomicInteger();
      client.onClose(why -> late.incrementAndGet());
      assertThat(late).hasValue(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  @SuppressWarnings("try") // closing by hand is what is tested
  void cancelsCallsWhenTheClientCloses(Link.Kind kind) throws Exception {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Note> waiting =
          callers.submit(
              () -> client.call(EchoService.NAME, "Hold", text("a"), NOTE, Duration.ZERO));
      Until.holds(() -> service.held.get() == 1);

      client.close();

      assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(TtrpcException.class);
      connection.awaitClosed();
      Until.holds(() -> service.cancelled.get() == 1);
      assertThat(connection.failure()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  void anInterruptedCallerHarmsNobodyElse(Link.Kind kind) throws Exception {
    try (Link link = kind.open();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client()) {
      AtomicReference<TtrpcException> failure = new AtomicReference<>();
      AtomicInteger stillSet = new AtomicInteger();
      Thread caller =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  client.call(EchoService.NAME, "Hold", text("a"), NOTE, Duration.ZERO);
                } catch (TtrpcException thrown) {
                  failure.set(thrown);
                  stillSet.set(Thread.currentThread().isInterrupted() ? 1 : 0);
                }
              });
      Until.holds(() -> service.held.get() == 1);
      caller.interrupt();
      caller.join(Until.BOUND);

      assertThat(failure.get()).extracting(TtrpcException::status).isEqualTo(StatusCode.CANCELLED);
      assertThat(stillSet).hasValue(1);
      assertThat(echo(client, text("b"))).isEqualTo(text("b"));
      assertThat(connection.isOpen()).isTrue();
    }
  }

  /** The peer reads nothing at all; what is sent fills every buffer on the way. */
  @ParameterizedTest
  @EnumSource(Link.Kind.class)
  void keepsTheDeadlineOfAPeerThatTakesNothing(Link.Kind kind) throws IOException {
    try (Link link = kind.open();
        TtrpcClient client = link.left().client()) {
      Note large = Note.newBuilder().setData(ByteString.copyFrom(new byte[3 << 20])).build();
      for (int i = 0; i < 5; i++) {
        assertFails(
            StatusCode.DEADLINE_EXCEEDED,
            () -> client.call(EchoService.NAME, "Echo", large, NOTE, SHORT));
      }
      assertThat(client.isOpen()).isTrue();
    }
  }

  @Test
  void boundsTheRequestsThatRun() throws Exception {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Note>> waiting = new ArrayList<>();
      for (int i = 0; i < ServerConnection.MAX_CALLS; i++) {
        waiting.add(
            callers.submit(
                () -> client.call(EchoService.NAME, "Hold", text("a"), NOTE, Duration.ZERO)));
      }
      Until.holds(() -> service.held.get() == ServerConnection.MAX_CALLS);

      assertFails(StatusCode.RESOURCE_EXHAUSTED, () -> echo(client, text("one more")));

      service.gate.countDown();
      for (Future<Note> call : waiting) {
        assertThat(call.get(60, TimeUnit.SECONDS)).isEqualTo(text("a"));
      }
      // Each is forgotten before its answer is written.
      assertThat(echo(client, text("again"))).isEqualTo(text("again"));
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void boundsTheMemoryOfRequestsThatRun() throws Exception {
    int size = 3 << 20;
    int fit = ServerConnection.MAX_CALL_BYTES / size;
    Note large = Note.newBuilder().setData(ByteString.copyFrom(new byte[size])).build();
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server);
        TtrpcClient client = link.left().client();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Note>> waiting = new ArrayList<>();
      for (int i = 0; i < fit; i++) {
        waiting.add(
            callers.submit(
                () -> client.call(EchoService.NAME, "Hold", large, NOTE, Duration.ZERO)));
      }
      Until.holds(() -> service.held.get() == fit);

      assertFails(StatusCode.RESOURCE_EXHAUSTED, () -> echo(client, large));
      assertThat(echo(client, text("small"))).isEqualTo(text("small"));

      service.gate.countDown();
      for (Future<Note> call : waiting) {
        assertThat(call.get(60, TimeUnit.SECONDS).getData().size()).isEqualTo(size);
      }
      assertThat(echo(client, large).getData().size()).isEqualTo(size);
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  void passesOverTypesOfALaterVersion() throws IOException {
    try (Link link = Link.pipes();
        TtrpcConnection connection = link.right().serve(server)) {
      OutputStream out = link.left().out();
      byte[] unknown = Payloads.encode(text("?"), 0);
      Wire.putHeader(unknown, 1, 200, 0xff);
      out.write(unknown);
      try (TtrpcClient client = link.left().client()) {
        assertThat(echo(client, text("a"))).isEqualTo(text("a"));
      }
      assertThat(connection.failure()).isEmpty();
    }
  }

  @Test
  void refusesTwoServicesOfOneName() {
    assertThatThrownBy(() -> new TtrpcServer(List.of(service, new EchoService())))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
