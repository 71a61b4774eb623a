package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.ContainerEngine;
import dev.casemate.testkit.DebianRelease;
import dev.casemate.testkit.Docker;
import dev.casemate.testkit.ImageArchive;
import dev.casemate.testkit.Leftovers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What Docker does with containers of runc's, it does with ours. */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DockerTest {

  private Path directory = Path.of("/nonexistent");
  private Path archive = Path.of("/nonexistent");
  private Leftovers leftovers = Leftovers.before();
  private @Nullable Docker started;
  private int sessions;

  @BeforeAll
  void startDocker(@TempDir Path scratch) {
    directory = scratch;
    archive = ImageArchive.makeForDocker(scratch.resolve("image"), EngineSession.IMAGE);
    leftovers = Leftovers.before();
    started = docker(DebianRelease.installed());
  }

  private Docker docker(DebianRelease release) {
    Docker docker = Docker.in(release, directory.resolve(release.name()));
    docker.run("load", "--input", archive.toString()).mustSucceed();
    return docker;
  }

  @AfterEach
  void nothingIsLeft() {
    installed().run("rm", "--force", "--volumes", EngineSession.NAME);
    checkNothingIsLeft(installed());
  }

  private void checkNothingIsLeft(Docker docker) {
    Await.until("Docker has cleaned up", () -> docker.leftovers().isEmpty());
    leftovers.mustBeNone();
  }

  @AfterAll
  void endDocker() {
    installed().close();
  }

  private Docker installed() {
    return Objects.requireNonNull(started);
  }

  private EngineSession session(Docker docker, String runtime) {
    return new EngineSession(docker, runtime, directory.resolve("session-" + sessions++));
  }

  /** Does the same with runc and then with us. */
  private void compare(Docker docker, String runtime, Consumer<EngineSession> deeds) {
    EngineSession expected = session(docker, ContainerEngine.RUNC);
    deeds.accept(expected);
    EngineSession ours = session(docker, runtime);
    deeds.accept(ours);
    assertThat(ours.seen()).isEqualTo(expected.seen());
  }

  @ParameterizedTest
  @MethodSource("dev.casemate.e2e.EngineSession#deeds")
  void theSameIsSeenAsWithRunc(Consumer<EngineSession> deeds) {
    compare(installed(), ContainerEngine.CASEMATE, deeds);
  }

  @ParameterizedTest
  @EnumSource(
      value = DebianRelease.class,
      names = {"TRIXIE", "FORKY"})
  void laterVersionsRunTheShimToo(DebianRelease release) {
    Optional<String> unreachable = release.unreachable();
    assumeTrue(unreachable.isEmpty(), unreachable.orElse(""));
    try (Docker docker = docker(release)) {
      compare(docker, Docker.SHIM, EngineSession::aLife);
      compare(docker, Docker.SHIM, EngineSession::aLackOfMemory);
      compare(docker, Docker.SHIM_TYPE, EngineSession::aShellOnATerminal);
      compare(docker, ContainerEngine.CASEMATE, EngineSession::aContainerThatIsAttachedTo);
      checkNothingIsLeft(docker);
    }
  }

  @Test
  void aMachineThatDiesEndsItsContainer() {
    EngineSession session = session(installed(), ContainerEngine.CASEMATE);
    session.begin();
    session.killMachine();
    assertThat(session.awaitEnd()).isEqualTo("137");
    assertThat(session.state()).startsWith("exited 137");
  }

  @Test
  void whatCannotBeHadIsRefusedWithTheReason() {
    assertThat(refusal("--network=host")).contains("it is the host's own");
    assertThat(refusal("--network=none", "--privileged")).contains("device");
    String socket = directory.resolve(DebianRelease.installed().name()).resolve("socket") + ":/s";
    assertThat(refusal("--network=none", "--volume", socket)).contains("is a socket");
  }

  /** The other one runs under runc: whose machine it would be is not the question. */
  @Test
  void namespacesOfAnotherContainerAreRefused() {
    String[] other = {"--detach", "--ipc=shareable", "--name", "other", "--network=none"};
    List<String> arguments = new ArrayList<>(List.of(other));
    arguments.addAll(List.of(EngineSession.IMAGE, "sleep", "1000"));
    installed()
        .run(installed().on(ContainerEngine.RUNC, "run", arguments.toArray(String[]::new)))
        .mustSucceed();
    try {
      assertThat(refusal("--network=none", "--pid=container:other"))
          .contains("join the pid namespace /proc/");
      assertThat(refusal("--network=none", "--ipc=container:other"))
          .contains("join the ipc namespace /proc/");
    } finally {
      installed().run("rm", "--force", "other").mustSucceed();
    }
  }

  /** What Docker shows. */
  private String refusal(String... options) {
    List<String> arguments =
        Stream.of(
                Stream.of("--name", EngineSession.NAME),
                Stream.of(options),
                Stream.of(EngineSession.IMAGE, "true"))
            .flatMap(words -> words)
            .toList();
    CommandResult result =
        installed()
            .run(installed().on(ContainerEngine.CASEMATE, "run", arguments.toArray(String[]::new)))
            .mustExit(125);
    installed().run("rm", "--force", EngineSession.NAME).mustSucceed();
    return result.errors();
  }
}
