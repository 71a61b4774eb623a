package dev.casemate.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher answers for a pod's further container, without starting anything. */
class LauncherTest {
  private static final Path LAUNCHER =
      Path.of("src/main/dist/bin/containerd-shim-casemate-v2").toAbsolutePath();

  private static final String ADDRESS = "unix:///run/casemate/shim/0123456789abcdef";

  @TempDir Path bundles = Path.of("");

  /** Makes the bundle of a pod's sandbox, served by that process. */
  private void sandbox(String bundle, long pid) throws IOException {
    Path directory = Files.createDirectories(bundles.resolve(bundle));
    Files.writeString(directory.resolve("shim.pid"), Long.toString(pid));
    Files.writeString(directory.resolve("address"), ADDRESS);
  }

  /** Makes a container's bundle and asks for its shim; what is printed then. */
  private String start(String bundle, String annotations) throws Exception {
    Path directory = Files.createDirectories(bundles.resolve(bundle));
    Files.writeString(
        directory.resolve("config.json"),
        "{\"ociVersion\":\"1.0.2\",\"annotations\":{" + annotations + "}}");
    Process launcher =
        new ProcessBuilder("sh", LAUNCHER.toString(), "-namespace", "n", "-id", "member", "start")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    launcher.getOutputStream().close();
    String answer = new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    launcher.waitFor();
    return answer;
  }

  @Test
  void aContainerOfAPodGetsTheSandboxesShim() throws Exception {
    sandbox("pod", ProcessHandle.current().pid());

    assertThat(
            start(
                "member",
                "\"io.kubernetes.cri.container-type\":\"container\","
                    + "\"io.kubernetes.cri.sandbox-id\":\"pod\""))
        .isEqualTo(ADDRESS);
    assertThat(bundles.resolve("member/address")).hasContent(ADDRESS);
  }

  @Test
  void bundlesMayLieInDirectoriesOfTheirOwn() throws Exception {
    sandbox("pod/userdata", ProcessHandle.current().pid());

    assertThat(
            start(
                "member/userdata",
                "\"io.kubernetes.cri-o.ContainerType\":\"container\","
                    + "\"io.kubernetes.cri-o.SandboxID\":\"pod\""))
        .isEqualTo(ADDRESS);
  }

  @Test
  void aPodThatIsGoneIsNamed() throws Exception {
    String annotations =
        "\"io.kubernetes.cri.container-type\":\"container\","
            + "\"io.kubernetes.cri.sandbox-id\":\"pod\"";
    assertThat(start("member", annotations)).contains("its pod's sandbox pod is gone");

    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    sandbox("pod", dead.pid());
    assertThat(start("member", annotations)).contains("its pod's sandbox pod is gone");
  }
}
