package dev.casemate.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Spec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the guest is told of its network, and when. */
class SandboxNetworkTest {
  private final Scene scene = new Scene();

  private static Spec withHooks() {
    String document =
        "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},"
            + "\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},"
            + "\"hooks\":{\"prestart\":[{\"path\":\"/h\"}],\"createRuntime\":[{\"path\":\"/h\"}]}}";
    return Spec.parse(document.getBytes(StandardCharsets.UTF_8));
  }

  private void awaitLine(String line) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!scene.journal.lines().contains(line)) {
      assertThat(System.nanoTime()).as("waiting for " + line).isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  private CasemateException fails(Runnable action) {
    return catchThrowableOfType(CasemateException.class, action::run);
  }

  @Test
  void theGuestIsToldBeforeItHasContainers() {
    scene.network.have("eth0", "net1");

    scene.created();

    assertThat(scene.journal.of("network", "machine", "agent"))
        .containsSubsequence(
            "network open",
            "machine launch c1",
            "agent prepareSandbox box 1",
            "network look",
            "agent configureNetwork [eth0, net1]",
            "agent createContainer c1");
    assertThat(scene.machine.launched().orElseThrow().devices())
        .contains(new MachineDevice.NetworkCard("02:00:00:00:00:01", java.util.List.of(7)));
  }

  @Test
  void connectionsToLoopbackReachTheAgent() {
    scene.running();

    assertThat(fails(() -> scene.network.dial(new byte[] {127, 0, 0, 1}, 80)).why())
        .isEqualTo("nobody listens");

    assertThat(scene.journal.of("agent")).contains("agent dial 4 80");
  }

  @Test
  void aGuestWithoutANetworkIsToldNothing() {
    scene.running();

    assertThat(scene.journal.of("agent")).noneMatch(line -> line.contains("configureNetwork"));
  }

  @Test
  void hooksRunBeforeTheMachineAndOnce() {
    Spec spec = withHooks();

    Sandbox sandbox = scene.startFor(spec);
    scene.create(sandbox, spec);

    assertThat(scene.journal.of("hooks", "network", "machine"))
        .containsExactly(
            "hooks PRESTART 1 creating 100",
            "hooks CREATE_RUNTIME 1 creating 100",
            "network open",
            "machine launch c1",
            "machine openAgentChannel",
            "network look");
  }

  @Test
  void nothingIsMadeWhenAHookFails() {
    scene.failAtHook(HookRunner.Moment.CREATE_RUNTIME);

    CasemateException failure = fails(() -> scene.startFor(withHooks()));

    assertThat(failure.code()).isEqualTo(ErrorCode.HOOK_FAILED);
    assertThat(scene.journal.of("storage", "network", "machine")).isEmpty();
  }

  @Test
  void interfacesThatComeBetweenCreationAndStartAreToldBeforeTheProcessRuns() {
    Container container = scene.created();
    scene.network.have("eth0");

    container.start();

    assertThat(scene.journal.of("agent"))
        .containsSubsequence(
            "agent createContainer c1", "agent configureNetwork [eth0]", "agent startContainer c1");
  }

  @Test
  void interfacesThatComeLaterAreToldWhenTheyAreNoticed() throws Exception {
    scene.running();
    scene.network.have("eth0");
    scene.network.notice();
    awaitLine("agent configureNetwork [eth0]");

    scene.network.have("eth0", "eth1");
    scene.network.notice();
    awaitLine("agent configureNetwork [eth0, eth1]");
  }

  @Test
  void whatIsKnownIsNotToldAgain() {
    scene.network.have("eth0");
    Container container = scene.created();

    container.start();

    assertThat(scene.journal.of("agent"))
        .filteredOn(line -> line.contains("configureNetwork"))
        .hasSize(1);
  }

  @Test
  void whatTheAgentRefusedIsToldAgain() {
    Container container = scene.created();
    scene.network.have("eth0");
    scene.network.failToLook(new CasemateException(ErrorCode.HOST_UNFIT, "look", "broken", ""));
    scene.network.notice();

    scene.network.lookAgain();
    container.start();

    assertThat(scene.journal.of("agent"))
        .containsSubsequence("agent configureNetwork [eth0]", "agent startContainer c1");
  }

  @Test
  void anInterfaceThatNoCardIsLeftForRefusesTheStart() {
    scene.network.have("eth0");
    Container container = scene.created();
    scene.network.haveWithoutCard("eth1");

    CasemateException failure = fails(container::start);

    assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED);
    assertThat(failure.why()).contains("eth1");
    assertThat(scene.journal.of("agent")).doesNotContain("agent startContainer c1");
  }

  @Test
  void anInterfaceThatComesTooLateIsWarnedOfOnce() throws Exception {
    scene.running();
    scene.network.haveWithoutCard("eth9");
    scene.network.notice();
    awaitLine(
        "warning connect the container's network: the machine has no network card left for eth9");
    scene.network.notice();
    scene.network.have("eth0");
    scene.network.notice();
    awaitLine("agent configureNetwork [eth0]");

    assertThat(scene.journal.of("warning")).hasSize(1);
  }

  @Test
  void aMachineWhoseNetworkCannotBeMadeIsNotLaunched() {
    scene.network.failToLook(new CasemateException(ErrorCode.HOST_UNFIT, "look", "broken", ""));

    CasemateException failure = fails(scene::start);

    assertThat(failure.code()).isEqualTo(ErrorCode.HOST_UNFIT);
    assertThat(scene.journal.lines()).endsWith("machine stop");
  }

  @Test
  void aStoppedSandboxIsNotToldAnythingAnyMore() {
    Sandbox sandbox = scene.start();
    Container container = scene.create(sandbox);
    sandbox.stop();
    scene.network.have("eth0");

    CasemateException failure = fails(container::start);

    assertThat(failure.code())
        .isIn(ErrorCode.CANCELLED, ErrorCode.AGENT_SILENT, ErrorCode.WRONG_STATE);
    assertThat(scene.journal.of("agent")).noneMatch(line -> line.contains("configureNetwork"));
  }
}
