package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.ContainerEngine;
import dev.casemate.testkit.ImageArchive;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.Podman;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Podman does with containers of runc's, it does with ours. */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodmanTest {

  private Path directory = Path.of("/nonexistent");
  private Leftovers leftovers = Leftovers.before();
  private @Nullable Podman prepared;
  private int sessions;

  @BeforeAll
  void loadTheImage(@TempDir Path scratch) {
    directory = scratch;
    Path archive = ImageArchive.makeForDocker(scratch.resolve("image"), EngineSession.IMAGE);
    leftovers = Leftovers.before();
    prepared = Podman.in(scratch.resolve("podman"));
    podman().run("load", "--input", archive.toString()).mustSucceed();
  }

  @AfterEach
  void nothingIsLeft() {
    podman().run("rm", "--force", "--volumes", EngineSession.NAME);
    Await.until("Podman has cleaned up", () -> podman().leftovers().isEmpty());
    leftovers.mustBeNone();
  }

  private Podman podman() {
    return Objects.requireNonNull(prepared);
  }

  private EngineSession session(String runtime) {
    return new EngineSession(podman(), runtime, directory.resolve("session-" + sessions++));
  }

  @ParameterizedTest
  @MethodSource("dev.casemate.e2e.EngineSession#deeds")
  void theSameIsSeenAsWithRunc(Consumer<EngineSession> deeds) {
    EngineSession expected = session(ContainerEngine.RUNC);
    deeds.accept(expected);
    EngineSession ours = session(ContainerEngine.CASEMATE);
    deeds.accept(ours);
    assertThat(ours.seen()).isEqualTo(expected.seen());
  }

  @Test
  void aMachineThatDiesEndsItsContainer() {
    EngineSession session = session(ContainerEngine.CASEMATE);
    session.begin();
    // The host's processes are not the container's.
    assertThat(podman().run("top", EngineSession.NAME).mustSucceed().text().lines()).hasSize(1);
    session.killMachine();
    assertThat(session.awaitEnd()).isEqualTo("137");
    assertThat(session.state()).startsWith("exited 137");
  }

  @Test
  void whatCannotBeHadIsRefusedWithTheReason() {
    assertThat(refusal("--network=host")).contains("share the host's network");
  }

  /** What Podman shows. */
  private String refusal(String option) {
    String[] name = {"--name", EngineSession.NAME};
    CommandResult result =
        podman()
            .run(
                podman()
                    .on(
                        ContainerEngine.CASEMATE,
                        "run",
                        name[0],
                        name[1],
                        option,
                        EngineSession.IMAGE,
                        "true"));
    assertThat(result.exitCode()).isIn(125, 126);
    return result.errors();
  }
}
