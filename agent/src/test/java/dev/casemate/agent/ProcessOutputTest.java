package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProcessOutputTest {

  private static final NeverCancelled CALL = new NeverCancelled();
  private static final int PIPE_BYTES = ProcessStreams.PIPE_BYTES;

  @Test
  void whatAnEndedProcessWroteIsReadAndThenItEnds() throws Exception {
    Pipe pipe = Pipe.open();
    try (ProcessOutput output = new ProcessOutput(pipe.readEnd());
        Descriptor heldByAChild = pipe.writeEnd()) {
      write(heldByAChild, "last words".getBytes(StandardCharsets.UTF_8));

      output.endWithProcess();

      assertThat(output.read(4, CALL).toStringUtf8()).isEqualTo("last");
      assertThat(output.read(PIPE_BYTES, CALL).toStringUtf8()).isEqualTo(" words");
      assertThat(output.read(PIPE_BYTES, CALL).isEmpty()).isTrue();
      assertThat(output.ended()).isTrue();
    }
  }

  @Test
  void whoWaitsLearnsOfTheEnd() throws Exception {
    Pipe pipe = Pipe.open();
    try (ProcessOutput output = new ProcessOutput(pipe.readEnd());
        Descriptor heldByAChild = pipe.writeEnd()) {
      CompletableFuture<Boolean> empty =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return output.read(PIPE_BYTES, CALL).isEmpty();
                } catch (InterruptedException impossible) {
                  throw new IllegalStateException(impossible);
                }
              },
              task -> Thread.ofPlatform().daemon().name("reader").start(task));

      output.endWithProcess();

      assertThat(heldByAChild.isOpen()).isTrue();
      assertThat(empty.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aChildThatWritesOnDoesNotKeepTheStreamOpen() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.readEnd().growPipe(PIPE_BYTES);
    try (ProcessOutput output = new ProcessOutput(pipe.readEnd());
        Descriptor heldByAChild = pipe.writeEnd()) {
      write(heldByAChild, new byte[PIPE_BYTES]);
      output.endWithProcess();

      int read = 0;
      for (int got = 1; got > 0; read += got) {
        got = output.read(4096, CALL).size();
        if (got > 0) {
          write(heldByAChild, new byte[got]);
        }
      }

      assertThat(read).isEqualTo(PIPE_BYTES);
    }
  }

  private static void write(Descriptor pipe, byte[] bytes) {
    int sent = 0;
    while (sent < bytes.length) {
      sent += pipe.write(bytes, sent, bytes.length - sent);
    }
  }
}
