package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.linux.UnixListener;
import dev.casemate.testkit.Bundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A bundle that another program made from an image runs as it is. */
@Tag("vm")
class UmociTest extends OneContainer {
  @Test
  void aBundleFromAnImageRunsUnchanged() throws Exception {
    String image = scratch.resolve("layout") + ":test";
    umoci("init", "--layout", scratch.resolve("layout").toString());
    umoci("new", "--image", image);
    String work = scratch.resolve("work").toString();
    umoci("unpack", "--image", image, work);
    Path rootfs = scratch.resolve("work/rootfs");
    Bundle.writeRootfs(rootfs);
    Files.writeString(rootfs.resolve("facts"), "id; pwd; env | sort; umask; tty; exit 3\n");
    umoci("repack", "--image", image, work);
    umoci(
        "config",
        "--image",
        image,
        "--config.user",
        "user",
        "--config.workingdir",
        "/var",
        "--config.env",
        "COLOUR=blue",
        "--config.env",
        "PATH=/bin",
        "--config.entrypoint",
        "sh",
        "--config.cmd",
        "/facts");
    String bundle = scratch.resolve("bundle").toString();
    umoci("unpack", "--image", image, bundle);

    assertThat(shown(bundle).lines())
        .startsWith("uid=1000(user) gid=1000(user)", "/var")
        .contains("COLOUR=blue", "PATH=/bin", "HOME=/tmp")
        .endsWith("0022", "/dev/pts/0");
  }

  /** Its process wants a terminal, as umoci would have it. */
  private String shown(String bundle) {
    Path socket = scratch.resolve("console");
    try (UnixListener listener = UnixListener.listen(socket.toString())) {
      casemate
          .run("create", "--bundle", bundle, "--console-socket", socket.toString(), ID)
          .mustSucceed();
      try (Screen screen = Screen.receivedFrom(listener)) {
        casemate.run("start", ID).mustSucceed();
        return screen.awaitEnd();
      }
    }
  }

  private static void umoci(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("umoci"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + said).isZero();
  }
}
