package dev.casemate.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StrangersTest {

  private static final String MARK = "STRANGERS_TEST=mine";
  private static final String TOKEN = "strangers-test-" + ProcessHandle.current().pid();

  private final Path run = Strangers.RUN_DIRECTORIES.resolve(TOKEN);
  private final Path record = run.resolve("records").resolve("c1");

  @BeforeEach
  void makeRunDirectory() throws IOException {
    Files.createDirectories(run.resolve("records"));
    Files.writeString(
        record,
        """
        {"root":"/their/root","container":{"id":"c1","cgroups":["/sys/fs/cgroup/x/c1"]}}
        """);
  }

  @AfterEach
  void removeRunDirectory() throws IOException {
    Files.deleteIfExists(record);
    Files.deleteIfExists(run.resolve("records"));
    Files.deleteIfExists(run);
  }

  /** As a monitor holds a file of its sandbox open. */
  private Process monitor(String environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", "echo; read x; : casemate.home");
    builder.redirectError(ProcessBuilder.Redirect.appendTo(record.toFile()));
    String[] variable = environment.split("=", 2);
    builder.environment().put(variable[0], variable[1]);
    Process monitor = builder.start();
    // It runs once it has said so.
    assertThat(monitor.getInputStream().read()).isEqualTo('\n');
    return monitor;
  }

  @Test
  void aLivingSandboxWithoutOurMarkIsAStrangers() throws Exception {
    Process monitor = monitor("STRANGERS_TEST=other");
    try {
      Strangers strangers = Strangers.withoutMark(MARK);

      assertThat(strangers.haveProcess(monitor.pid(), "casemate.home monitor")).isTrue();
      assertThat(strangers.haveProcess(0, "qemu-system-x86_64 " + run + "/x")).isTrue();
      assertThat(strangers.haveToken("file " + run)).isTrue();
      assertThat(strangers.haveCgroup("/sys/fs/cgroup/x/c1/y")).isTrue();
      assertThat(strangers.haveCgroup("/sys/fs/cgroup/x/c10")).isFalse();
      assertThat(strangers.haveState("/their/root/c1/state.json")).isTrue();
      assertThat(strangers.haveState("/our/root/c1")).isFalse();
      assertThat(strangers.haveProcess(0, "qemu-system-x86_64 /run/casemate/vm/y")).isFalse();
    } finally {
      monitor.destroyForcibly().waitFor();
    }
    assertThat(Strangers.withoutMark(MARK).haveToken("file " + run)).as("of a dead one").isFalse();
  }

  @Test
  void aSandboxWithOurMarkIsOurs() throws Exception {
    Process monitor = monitor(MARK);
    try {
      Strangers strangers = Strangers.withoutMark(MARK);

      assertThat(strangers.haveProcess(monitor.pid(), "casemate.home monitor")).isFalse();
      assertThat(strangers.haveToken("file " + run)).isFalse();
    } finally {
      monitor.destroyForcibly().waitFor();
    }
  }
}
