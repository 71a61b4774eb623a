package dev.casemate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.Poll;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandInScriptTest {
  private static final Path SCRIPT = Path.of("src/main/dist/libexec/stand-in").toAbsolutePath();

  /** A shell needs milliseconds for what is waited for here; a crowded machine many more. */
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir Path directory = Path.of("");
  private Descriptor orders = Descriptor.open("/dev/null", OpenAccess.READ_WRITE);
  private Descriptor reports = orders;
  private @Nullable Process started;

  @BeforeEach
  void start() throws IOException {
    orders.close();
    orders = fifo("orders");
    reports = fifo("reports");
    started =
        new ProcessBuilder(
                "setsid",
                // A shell cannot trap what its parent ignores, as nohup and background jobs do.
                "env",
                "--default-signal",
                "sh",
                SCRIPT.toString(),
                directory.resolve("orders").toString(),
                directory.resolve("reports").toString())
            .start();
  }

  @AfterEach
  void end() throws InterruptedException {
    standIn().destroyForcibly().waitFor();
    orders.close();
    reports.close();
  }

  private Process standIn() {
    return Objects.requireNonNull(started, "it was not started");
  }

  private Descriptor fifo(String name) {
    String path = directory.resolve(name).toString();
    Filesystem.makeFifo(path, 0600);
    return Descriptor.open(path, OpenAccess.READ_WRITE);
  }

  private void order(String line) {
    orders.writeAll((line + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private String report() {
    assertThat(Poll.awaitReadable(reports, BOUND)).as("a report came").isTrue();
    byte[] bytes = new byte[64];
    return new String(bytes, 0, reports.read(bytes, 0, bytes.length), StandardCharsets.US_ASCII);
  }

  private int exitCode() throws InterruptedException {
    assertThat(standIn().waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return standIn().exitValue();
  }

  private String file(int descriptor) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + standIn().pid() + "/fd/" + descriptor))
          .toString();
    } catch (IOException gone) {
      return "";
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  /** It says so once its traps are set. */
  private void awaitReady() {
    assertThat(report()).isEqualTo("HERE\n");
  }

  @Test
  void keepsItsStreamsUntilTheyAreTaken() throws Exception {
    awaitReady();
    String input = file(0);
    assertThat(input).startsWith("pipe:");
    for (int i = 0; i < 100; i++) {
      assertThat(file(0)).isEqualTo(input);
    }
    order("taken");
    await(() -> file(1).equals("/dev/null") && file(2).equals("/dev/null"));
    order("exit 7");
    assertThat(exitCode()).isEqualTo(7);
  }

  @Test
  void reportsSignalsAndLivesOn() throws Exception {
    awaitReady();
    order("taken");
    await(() -> file(1).equals("/dev/null"));
    String all =
        "TERM HUP INT QUIT TRAP ABRT USR1 USR2 ALRM CONT TSTP TTIN TTOU XCPU VTALRM PROF WINCH IO"
            + " PWR";
    for (String signal : all.split(" ", -1)) {
      Process kill =
          new ProcessBuilder("sh", "-c", "kill -" + signal + " " + standIn().pid()).start();
      assertThat(kill.waitFor()).isZero();
      assertThat(report()).isEqualTo(signal + "\n");
    }
    order("exit 0");
    assertThat(exitCode()).isZero();
  }

  @Test
  void endsAsKilledWhenItsMonitorDies() throws Exception {
    order("taken");
    await(() -> file(1).equals("/dev/null"));
    orders.close();
    assertThat(exitCode()).isEqualTo(137);
  }

  @Test
  void endsAsKilledWhenItsMonitorDiesBeforeItTookTheStreams() throws Exception {
    awaitReady();
    orders.close();
    assertThat(exitCode()).isEqualTo(137);
  }

  /** Its standard error is the container's, and whoever called tells what was refused. */
  @Test
  void saysNothingWhenItsPipesAreGone() throws Exception {
    Process late =
        new ProcessBuilder(
                "sh",
                SCRIPT.toString(),
                directory.resolve("gone").toString(),
                directory.resolve("gone too").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(late.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(late.waitFor()).isNotZero();
    assertThat(said).isEmpty();
  }
}
