package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PollTest {
  @Test
  void seesWhatIsReady() {
    try (Pipe full = Pipe.open();
        Pipe empty = Pipe.open();
        Pipe abandoned = Pipe.open()) {
      full.writeEnd().writeAll(new byte[1]);
      abandoned.writeEnd().close();
      List<Poll.Readiness> ready =
          Poll.await(
              List.of(
                  Poll.Interest.readable(full.readEnd()),
                  Poll.Interest.readable(empty.readEnd()),
                  Poll.Interest.readable(abandoned.readEnd()),
                  Poll.Interest.writable(empty.writeEnd())),
              null);
      assertThat(ready)
          .containsExactly(
              new Poll.Readiness(true, false, false, false),
              new Poll.Readiness(false, false, false, false),
              new Poll.Readiness(false, false, true, false),
              new Poll.Readiness(false, true, false, false));
      assertThat(ready.get(1).any()).isFalse();
      assertThat(ready.get(2).any()).isTrue();
      empty.readEnd().close();
      assertThat(Poll.await(List.of(Poll.Interest.writable(empty.writeEnd())), null))
          .containsExactly(new Poll.Readiness(false, true, false, true));
    }
  }

  @Test
  void endsWhenTheTimeIsOver() {
    try (Pipe pipe = Pipe.open()) {
      assertThat(Poll.awaitReadable(pipe.readEnd(), Duration.ZERO)).isFalse();
      assertThat(Poll.awaitReadable(pipe.readEnd(), Duration.ofMillis(1))).isFalse();
      assertThat(Poll.awaitReadable(pipe.readEnd(), Duration.ofMillis(-1))).isFalse();
      assertThat(Poll.awaitWritable(pipe.writeEnd(), Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
      assertThat(Poll.await(List.of(), Duration.ofNanos(1))).isEmpty();
    }
  }

  @Test
  void refusesAClosedDescriptorAndKeepsTheOthersUsable() {
    Pipe closed = Pipe.open();
    closed.close();
    try (Pipe pipe = Pipe.open()) {
      assertRefused(
          Errno.EBADF,
          "ppoll",
          "closed",
          () ->
              Poll.await(
                  List.of(
                      Poll.Interest.readable(pipe.readEnd()),
                      Poll.Interest.readable(closed.readEnd())),
                  null));
      pipe.readEnd().close();
      // Closed for good, so the failed call does not hold it any more.
      assertRefused(Errno.EPIPE, "write", "fd", () -> pipe.writeEnd().writeAll(new byte[1]));
    }
  }

  @Test
  void aWakeupStaysUntilCleared() {
    try (Wakeup wakeup = new Wakeup()) {
      assertThat(wakeup.isSignalled()).isFalse();
      wakeup.clear();
      wakeup.signal();
      wakeup.signal();
      assertThat(wakeup.isSignalled()).isTrue();
      assertThat(wakeup.isSignalled()).isTrue();
      wakeup.clear();
      assertThat(wakeup.isSignalled()).isFalse();
    }
  }

  @Test
  void aWakeupEndsReading() throws Exception {
    try (Wakeup stop = new Wakeup();
        Pipe pipe = Pipe.open()) {
      InputStream in = pipe.readEnd().inputStream(stop);
      pipe.writeEnd().writeAll(new byte[] {7});
      assertThat(in.read()).isEqualTo(7);
      OwnThread<Integer> reader = OwnThread.start(in::read);
      stop.signal();
      assertThat(reader.result()).isEqualTo(-1);
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void aWakeupEndsWriting() throws Exception {
    try (Wakeup stop = new Wakeup();
        Pipe pipe = Pipe.open()) {
      OutputStream out = pipe.writeEnd().outputStream(stop);
      OwnThread<Boolean> writer =
          OwnThread.start(() -> {
            // More than a pipe holds, so that it must wait for a reader who never comes.
            assertThatThrownBy(() -> out.write(new byte[1 << 20]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("stopped");
            return true;
          });
      assertThat(Poll.awaitReadable(pipe.readEnd(), Duration.ofSeconds(OwnThread.BOUND_SECONDS)))
          .isTrue();
      stop.signal();
      assertThat(writer.result()).isTrue();
    }
  }

  @Test
  void writesAllWhenNotStopped() throws Exception {
    try (Wakeup stop = new Wakeup()) {
      Pipe pipe = Pipe.open();
      OwnThread<Integer> reader =
          OwnThread.start(() -> {
            try (InputStream in = pipe.readEnd().inputStream(stop)) {
              return in.readAllBytes().length;
            }
          });
      try (OutputStream out = pipe.writeEnd().outputStream(stop)) {
        out.write(new byte[300_001]);
      }
      assertThat(reader.result()).isEqualTo(300_001);
    }
  }
}
