package dev.casemate.host.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.casemate.host.control.ControlClient;
import dev.casemate.host.control.ControlRequest;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlServerTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  private ControlServer listen(ControlServer.Handler handler) {
    return ControlServer.listen(directory.resolve("control.sock"), handler, log::add);
  }

  private ControlClient connect() {
    return ControlClient.connect(directory.resolve("control.sock"));
  }

  @Test
  void onlyItsOwnerMayConnect() throws Exception {
    try (ControlServer _ = listen((_, _) -> JsonObject.EMPTY)) {
      assertThat(Files.getPosixFilePermissions(directory.resolve("control.sock")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void aRequestIsAnsweredByWhatTheHandlerSays() {
    try (ControlServer _ =
            listen((request, _) -> JsonObject.builder().put("got", request.kind()).build());
        ControlClient client = connect()) {
      assertThat(client.call(new ControlRequest.Pause()).textOrEmpty("got")).isEqualTo("pause");
    }
  }

  @Test
  void aFailureAndADefectReachTheCaller() {
    CasemateException refused =
        new CasemateException(ErrorCode.WRONG_STATE, "pause it", "it is stopped", "start it");
    for (RuntimeException failure : List.of(refused, new IllegalStateException("a defect"))) {
      ControlServer.Handler handler =
          (_, _) -> {
            throw failure;
          };
      try (ControlServer _ = listen(handler);
          ControlClient client = connect()) {
        CasemateException told =
            catchThrowableOfType(
                CasemateException.class, () -> client.call(new ControlRequest.Pause()));
        assertThat(told.code())
            .isEqualTo(failure == refused ? ErrorCode.WRONG_STATE : ErrorCode.BUG);
        assertThat(told.why()).contains(failure == refused ? "it is stopped" : "a defect");
      }
      directory.resolve("control.sock").toFile().delete();
    }
    assertThat(log).containsExactly("request pause: java.lang.IllegalStateException: a defect");
  }

  @Test
  void whoClosesCanWaitForTheVerbsThatAreBeingAnswered() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    ControlServer server =
        listen((_, _) -> {
          asked.countDown();
          try {
            answer.await();
          } catch (InterruptedException impossible) {
            Thread.currentThread().interrupt();
          }
          return JsonObject.EMPTY;
        });
    try (ControlClient client = connect()) {
      CompletableFuture<Void> verb =
          CompletableFuture.runAsync(() -> client.call(new ControlRequest.Start()));
      asked.await();
      server.close();
      CompletableFuture<Boolean> answered =
          CompletableFuture.supplyAsync(() -> server.awaitAnswers(LONG));
      assertThat(answered).isNotDone();
      answer.countDown();
      assertThat(answered.join()).isTrue();
      verb.join();
    }
  }

  @Test
  void aVerbThatIsNeverAnsweredIsNotWaitedForForEver() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    ControlServer server =
        listen((_, _) -> {
          asked.countDown();
          try {
            never.await();
          } catch (InterruptedException impossible) {
            Thread.currentThread().interrupt();
          }
          return JsonObject.EMPTY;
        });
    try (ControlClient client = connect()) {
      var _ = CompletableFuture.runAsync(() -> client.call(new ControlRequest.Start()));
      asked.await();
      server.close();
      assertThat(server.awaitAnswers(Duration.ofMillis(1))).isFalse();
      never.countDown();
    }
  }

  @Test
  void withoutVerbsNothingIsWaitedFor() {
    ControlServer server = listen((_, _) -> JsonObject.EMPTY);
    server.close();
    assertThat(server.awaitAnswers(LONG)).isTrue();
  }
}
