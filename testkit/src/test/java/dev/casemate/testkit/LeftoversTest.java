package dev.casemate.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {

  @TempDir Path scratch;

  @Test
  void aProcessThatAppearedIsSeenUntilItIsGone() throws Exception {
    Leftovers leftovers = Leftovers.before();
    Process process =
        new ProcessBuilder("sh", "-c", "read x; : stand-in", "qemu-system-none").start();
    try {
      assertThat(leftovers.since())
          .anyMatch(line -> line.startsWith("process " + process.pid() + ":"));
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(leftovers.since())
        .noneMatch(line -> line.startsWith("process " + process.pid() + ":"));
  }

  @Test
  void aFileThatAppearedInTheStateDirectoryIsSeen() throws Exception {
    Path state = scratch.resolve("state");
    Leftovers leftovers = Leftovers.before(state);
    Files.createDirectories(state.resolve("c1"));

    assertThat(leftovers.since()).contains("state " + state.resolve("c1"));
  }
}
