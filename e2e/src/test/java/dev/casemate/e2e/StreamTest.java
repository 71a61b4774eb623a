package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CasemateCommand;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.RunningCommand;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Everything that goes into a process or comes out of it arrives, whole and in order. */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamTest {

  private static final String ID = "box";
  private static final int MUCH = 100_000_000;
  private static final long SEED = 20261127;

  /** Over an emulated machine on a loaded host; whoever reaches it has lost something. */
  private static final Duration BOUND = Duration.ofMinutes(5);

  private Path scratch = Path.of("/nonexistent");
  private CasemateCommand casemate = CasemateCommand.in(Path.of("/nonexistent"));
  private Leftovers leftovers = Leftovers.before();

  @BeforeAll
  void startContainer(@TempDir Path directory) {
    scratch = directory;
    casemate = CasemateCommand.in(scratch);
    leftovers = Leftovers.before(casemate.stateDirectory());
    String bundle =
        Bundle.in(scratch.resolve("bundle"))
            .args("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done")
            .write()
            .toString();
    casemate.run("run", "--detach", "--bundle", bundle, ID).mustSucceed();
  }

  @AfterAll
  void nothingIsLeft() {
    casemate.run("delete", "--force", ID);
    leftovers.mustBeNone();
  }

  @Test
  void muchGoesThroughPipesUnharmed() throws Exception {
    byte[] much = new byte[MUCH];
    new Random(SEED).nextBytes(much);
    Path file = Files.write(scratch.resolve("much"), much);
    String expected = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(much));
    String through = Bundle.in(scratch.resolve("through")).args("cat").write().toString();

    for (List<String> arguments :
        List.of(List.of("exec", ID, "cat"), List.of("run", "--bundle", through, "through"))) {
      String command =
          casemate.command(arguments.toArray(String[]::new)).stream()
              .map(word -> "'" + word + "'")
              .collect(Collectors.joining(" "));
      Process pipeline =
          new ProcessBuilder(
                  "bash", "-c", "set -o pipefail; cat " + file + " | " + command + " | sha256sum")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();

      String sum = new String(pipeline.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(pipeline.waitFor(BOUND.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
      assertThat(pipeline.exitValue()).isZero();
      assertThat(sum).as(arguments.getFirst()).startsWith(expected);
    }
  }

  @Test
  void theEndOfTheInputReachesTheProcess() throws IOException {
    try (RunningCommand exec =
        casemate.startWithPipe("exec", ID, "sh", "-c", "cat; echo end; exit 4")) {
      OutputStream input = exec.input();
      input.write("one\n".getBytes(StandardCharsets.UTF_8));
      input.flush();
      Await.until("the first line came back", () -> exec.text().equals("one\n"));
      input.write("two\n".getBytes(StandardCharsets.UTF_8));
      input.close();

      assertThat(exec.await().mustExit(4).text()).isEqualTo("one\ntwo\nend\n");
    }
  }

  @Test
  void aProcessMayStopReadingItsInput() {
    byte[] tooMuch = new byte[1_000_000];

    CommandResult result =
        casemate.runWithInput(tooMuch, "exec", ID, "sh", "-c", "head -c 5 | wc -c; exit 6");

    assertThat(result.mustExit(6).text()).isEqualTo("5\n");
  }

  @Test
  void outputAndErrorsStayApart() {
    CommandResult result =
        casemate
            .run(
                "exec",
                ID,
                "sh",
                "-c",
                "for i in $(seq 2000); do echo out $i; echo err $i >&2; done")
            .mustSucceed();

    assertThat(result.text()).isEqualTo(lines("out ", 2000));
    assertThat(result.errors()).isEqualTo(lines("err ", 2000));
  }

  private static String lines(String prefix, int last) {
    return IntStream.rangeClosed(1, last)
        .mapToObj(i -> prefix + i + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void nothingIsLostOfAProcessThatEndsAtOnce() throws Exception {
    String expected = lines("", 3000);
    try (ExecutorService pool = Executors.newFixedThreadPool(5)) {
      List<Future<CommandResult>> results = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        results.add(pool.submit(() -> casemate.run("exec", ID, "seq", "3000")));
      }
      for (Future<CommandResult> result : results) {
        assertThat(result.get().mustSucceed().text()).isEqualTo(expected);
      }
    }
  }

  /** As much as pipes hold is written, and then its writer is gone: so it is under runc. */
  @Test
  void whoReadsLateLosesNothing() throws Exception {
    Process exec =
        new ProcessBuilder(casemate.command("exec", ID, "seq", "20000"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();

    assertThat(exec.waitFor(Await.BOUND.toMillis(), TimeUnit.MILLISECONDS))
        .as("the command ended although nobody read")
        .isTrue();

    assertThat(exec.exitValue()).isZero();
    assertThat(new String(exec.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(lines("", 20000));
  }

  @Test
  void whoReadsNothingAndLeavesStopsTheWriter() throws Exception {
    Process exec =
        new ProcessBuilder(casemate.command("exec", ID, "sh", "-c", "yes; echo $? >/root/yes"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    exec.getInputStream().close();

    assertThat(exec.waitFor(Await.BOUND.toMillis(), TimeUnit.MILLISECONDS)).isTrue();

    // SIGPIPE, unless the shell ignores it and the writing fails.
    assertThat(Files.readString(scratch.resolve("bundle/rootfs/root/yes")).strip())
        .isIn("141", "1");
  }
}
