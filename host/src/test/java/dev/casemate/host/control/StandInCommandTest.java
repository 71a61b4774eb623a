package dev.casemate.host.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.oci.Spec;
import java.io.IOException;
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

  @Test
  void aNewNetworkNamespaceIsTheSandboxs() {
    StandInPlace place =
        new StandInPlace(
            new StandInFifos(home.resolve("orders"), home.resolve("reports")),
            Path.of("/proc/7/fd/9"));
    String document =
        """
        {"ociVersion":"1.0.2","root":{"path":"r"},"process":{"cwd":"/","args":["a"]},"linux":
          {"namespaces":[{"type":"pid"},{"type":"uts"},{"type":"network"%s},{"type":"ipc"}]}}
        """;

    List<String> fresh = StandInCommand.first(home, spec(document.formatted("")), place);
    List<String> given =
        StandInCommand.first(home, spec(document.formatted(",\"path\":\"/run/netns/pod\"")), place);

    assertThat(fresh)
        .startsWith("nsenter", "--net=/proc/7/fd/9", "--", "unshare")
        .containsSubsequence("--uts", "--ipc", "--", "sh");
    assertThat(given)
        .startsWith("nsenter", "--net=/run/netns/pod", "--", "unshare")
        .containsSubsequence("--uts", "--ipc", "--", "sh");
  }

  /** Else they would seem to be the container's. */
  @Test
  void theFirstStandInHasNothingOfTheHostsProcesses() throws Exception {
    write("ls -A /proc\n");
    String document =
        """
        {"ociVersion":"1.0.2","root":{"path":"r"},"process":{"cwd":"/","args":["a"]},"linux":
          {"namespaces":[{"type":"network"},{"type":"ipc"},{"type":"mount"}]}}
        """;
    StandInPlace place =
        new StandInPlace(
            new StandInFifos(home.resolve("orders"), home.resolve("reports")),
            Path.of("/proc/self/ns/net"));
    Process process =
        new ProcessBuilder(StandInCommand.first(home, spec(document), place))
            .redirectErrorStream(true)
            .start();
    String shown =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(shown).isEmpty();
    assertThat(process.waitFor()).isZero();
  }

  private void write(String script) throws IOException {
    Path file = home.resolve("libexec/stand-in");
    Files.createDirectories(file.getParent());
    Files.writeString(file, script);
  }

  private static Spec spec(String document) {
    return Spec.parse(document.getBytes(StandardCharsets.UTF_8));
  }

  /** A shell cannot trap a signal that it was started to ignore. */
  @Test
  void aStandInHearsEachSignalWhateverItsCallerIgnores() throws Exception {
    write("grep SigIgn /proc/self/status\n");
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
