package dev.casemate.host.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandInCommandTest {
  private static final long STANDARD_SIGNALS = 0x7fff_ffffL;

  @TempDir private Path home = Path.of("");

  /** A shell cannot trap a signal that it was started to ignore. */
  @Test
  void aStandInHearsEachSignalWhateverItsCallerIgnores() throws Exception {
    Path script = home.resolve("libexec/stand-in");
    Files.createDirectories(script.getParent());
    Files.writeString(script, "grep SigIgn /proc/self/status\n");
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "trap '' HUP INT QUIT TERM; \"$@\"", "sh"));
    List<String> standIn =
        StandInCommand.further(
            home,
            ProcessHandle.current().pid(),
            new StandInFifos(home.resolve("orders"), home.resolve("reports")));
    command.addAll(standIn);

    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String status =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    // Signals 32 and 33 are the C library's own: env leaves them alone, and no shell traps them.
    long ignored = Long.parseUnsignedLong(status.substring("SigIgn:".length()).strip(), 16);
    assertThat(ignored & STANDARD_SIGNALS).as(status).isZero();
  }
}
