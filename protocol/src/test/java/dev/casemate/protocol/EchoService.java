package dev.casemate.protocol;

import com.google.protobuf.ByteString;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.protocol.testmessages.Note;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A service with every kind of method, for tests. */
final class EchoService implements Service {
  static final String NAME = "test.Echo";

  /** Opened by a test to let calls of {@code Hold} go. */
  final CountDownLatch gate = new CountDownLatch(1);

  /** Calls of {@code Hold} that have begun. */
  final AtomicInteger held = new AtomicInteger();

  /** Calls of {@code Hold} that were cancelled. */
  final AtomicInteger cancelled = new AtomicInteger();

  /** Cancellations that an action was told of. */
  final AtomicInteger told = new AtomicInteger();

  @Override
  public String serviceName() {
    return NAME;
  }

  @Override
  public @Nullable Method method(String name) {
    return switch (name) {
      case "Echo" -> Service.unary(Note.parser(), (Note note, Call call) -> note);
      case "Metadata" -> Service.unary(Note.parser(), EchoService::metadata);
      case "Hold" -> Service.unary(Note.parser(), this::hold);
      case "Ignore" -> Service.unary(Note.parser(), this::ignore);
      case "Fail" -> Service.unary(Note.parser(), EchoService::fail);
      case "Large" -> Service.unary(Note.parser(), EchoService::large);
      case "Sum" -> Service.collecting(Note.parser(), EchoService::sum);
      case "Count" -> Service.streaming(Note.parser(), EchoService::count);
      case "Talk" -> Service.streaming(Note.parser(), EchoService::talk);
      case "Deaf" -> Service.streaming(Note.parser(), this::deaf);
      default -> null;
    };
  }

  private static Note metadata(Note key, Call call) {
    return Note.newBuilder()
        .setText(call.metadata().getOrDefault(key.getText(), ""))
        .setNumber(call.remainingNanos().orElse(-1))
        .build();
  }

  private Note hold(Note note, Call call) throws InterruptedException {
    call.onCancel(told::incrementAndGet);
    held.incrementAndGet();
    try {
      gate.await();
      return note;
    } catch (InterruptedException interrupted) {
      cancelled.incrementAndGet();
      throw interrupted;
    }
  }

  /** Takes no notice of its interrupt, and answers once it is let go. */
  private Note ignore(Note note, Call call) {
    held.incrementAndGet();
    while (gate.getCount() > 0 || !call.cancelled()) {
      LockSupport.parkNanos(1_000_000);
    }
    return note;
  }

  private static Note fail(Note how, Call call) {
    switch (how.getText()) {
      case "casemate" ->
          throw new CasemateException(ErrorCode.WRONG_STATE, "start c1", "it runs", "wait");
      case "status" -> throw new TtrpcException(StatusCode.OUT_OF_RANGE, "the end");
      case "bug" -> throw new IllegalStateException("a bug made for a test");
      default -> throw new StackOverflowError("an error made for a test");
    }
  }

  private static Note large(Note size, Call call) {
    return Note.newBuilder().setData(ByteString.copyFrom(new byte[(int) size.getNumber()])).build();
  }

  private static Note sum(Requests<Note> requests, Call call) throws InterruptedException {
    long sum = 0;
    for (Note note = requests.receive(); note != null; note = requests.receive()) {
      sum += note.getNumber();
    }
    return Note.newBuilder().setNumber(sum).build();
  }

  private static void count(ServerStream<Note, Note> stream, Call call)
      throws InterruptedException {
    Note first = stream.receive();
    if (first == null || stream.receive() != null) {
      throw new TtrpcException(StatusCode.INVALID_ARGUMENT, "not one request");
    }
    for (long i = 0; i < first.getNumber(); i++) {
      stream.send(Note.newBuilder().setNumber(i).build());
    }
    if (first.getText().equals("fail")) {
      throw new TtrpcException(StatusCode.DATA_LOSS, "failed after the last");
    }
  }

  private static void talk(ServerStream<Note, Note> stream, Call call) throws InterruptedException {
    for (Note note = stream.receive(); note != null; note = stream.receive()) {
      stream.send(note.toBuilder().setText("re: " + note.getText()).build());
    }
  }

  private void deaf(ServerStream<Note, Note> stream, Call call) throws InterruptedException {
    held.incrementAndGet();
    gate.await();
    talk(stream, call);
  }
}
