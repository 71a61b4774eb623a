package dev.casemate.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxTest {
  private final Scene scene = new Scene();

  private static CasemateException failure(ErrorCode code) {
    return new CasemateException(code, "do it", "it is broken", "");
  }

  private CasemateException startFails() {
    return catchThrowableOfType(CasemateException.class, scene::start);
  }

  @Test
  void theFilesAreServedBeforeTheMachineBoots() {
    scene.start();

    assertThat(scene.journal.of("storage", "machine"))
        .startsWith("storage open", "machine launch c1");
    MachineSpec launched = scene.machine.launched().orElseThrow();
    assertThat(launched.devices())
        .startsWith(new MachineDevice.VirtioFs("share", Path.of("/run/x/fs.sock")));
    assertThat(launched.vcpus()).isEqualTo(2);
    assertThat(launched.memoryBytes()).isEqualTo(512L << 20);
  }

  @Test
  void theGuestIsReadyBeforeItHasContainers() {
    scene.start();

    assertThat(scene.journal.of("agent"))
        .startsWith("agent greet", "agent setClock", "agent prepareSandbox box 1");
    assertThat(scene.phases.all())
        .extracting(Phases.Phase::name)
        .containsExactly("storage", "cards", "vmm", "boot", "sandbox", "network");
    assertThat(scene.phases.all()).extracting(Phases.Phase::end).isSorted();
  }

  @Test
  void withoutItsFilesNoMachineIsLaunched() {
    scene.failToOpenStorage(failure(ErrorCode.HELPER_DIED));

    assertThat(startFails().code()).isEqualTo(ErrorCode.HELPER_DIED);
    assertThat(scene.journal.of("machine", "agent")).isEmpty();
  }

  @Test
  void aMachineThatIsNotLaunchedIsNotStopped() {
    scene.machine.failToLaunch(failure(ErrorCode.VMM_DIED));

    assertThat(startFails().code()).isEqualTo(ErrorCode.VMM_DIED);
    assertThat(scene.journal.of("machine")).containsExactly("machine launch c1");
  }

  @Test
  void aMachineThatDoesNotBootIsStopped() {
    scene.machine.failToOpenChannel(failure(ErrorCode.GUEST_PANIC));

    assertThat(startFails().code()).isEqualTo(ErrorCode.GUEST_PANIC);
    assertThat(scene.journal.lines()).endsWith("machine stop");
    assertThat(scene.journal.of("agent")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet", "setClock", "prepareSandbox"})
  void anAgentThatFallsSilentWhileBootingIsExplainedAndItsMachineStopped(String call) {
    scene.agent.failAt(call, FakeAgent.silent());

    CasemateException error = startFails();

    assertThat(error.code()).isEqualTo(ErrorCode.GUEST_PANIC);
    assertThat(error.why()).startsWith("explained: ");
    assertThat(scene.journal.lines()).endsWith("agent close", "machine stop");
  }

  @Test
  void whatTheAgentReportsWhileBootingIsToldAsItIs() {
    scene.agent.failAt("prepareSandbox", failure(ErrorCode.INVALID_ARGUMENT));

    assertThat(startFails().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(scene.journal.lines()).endsWith("agent close", "machine stop");
  }

  @Test
  void evenADefectLeavesNoMachine() {
    scene.agent.failAt("setClock", new IllegalStateException("a defect"));

    assertThatThrownBy(scene::start).hasMessage("a defect");
    assertThat(scene.journal.lines()).endsWith("agent close", "machine stop");
  }

  @Test
  void aMachineThatCannotBeStoppedDoesNotHideWhyItHadTo() {
    scene.machine.failToOpenChannel(failure(ErrorCode.TIMED_OUT));
    CasemateException immortal = failure(ErrorCode.EXHAUSTED);
    scene.machine.failToStop(immortal);

    CasemateException error = startFails();

    assertThat(error.code()).isEqualTo(ErrorCode.TIMED_OUT);
    assertThat(error.getSuppressed()).containsExactly(immortal);
  }

  @Test
  void stoppingTwiceIsStoppingOnce() {
    Sandbox sandbox = scene.start();
    Container container = scene.create(sandbox);
    container.start();

    sandbox.stop();
    sandbox.stop();

    ExitStatus exit = Scene.awaitExit(container);
    assertThat(exit.code()).isEqualTo(ExitStatus.MACHINE_DIED);
    assertThat(exit.reason()).hasValue("stopped on request");
    assertThat(scene.journal.of("observer"))
        .containsExactly("observer running", "observer stopped");
  }

  @Test
  void aNameIsGivenOnce() {
    Sandbox sandbox = scene.start();
    Container first = scene.create(sandbox);

    assertThatThrownBy(() -> scene.create(sandbox))
        .isInstanceOfSatisfying(
            CasemateException.class,
            error -> assertThat(error.code()).isEqualTo(ErrorCode.ALREADY_EXISTS));
    assertThat(sandbox.container(Scene.ID)).isSameAs(first);
    assertThat(scene.journal.lines())
        .filteredOn(line -> line.startsWith("agent createContainer"))
        .hasSize(1);
  }

  @Test
  void aNameWhoseContainerCouldNotBeMadeIsFree() {
    Sandbox sandbox = scene.start();
    scene.caller.failToConnect(failure(ErrorCode.HOST_UNFIT));
    assertThatThrownBy(() -> scene.create(sandbox)).isInstanceOf(CasemateException.class);
    assertThatThrownBy(() -> sandbox.container(Scene.ID))
        .isInstanceOfSatisfying(
            CasemateException.class,
            error -> assertThat(error.code()).isEqualTo(ErrorCode.NOT_FOUND));

    scene.caller.recover();
    Container second = scene.create(sandbox);

    assertThat(sandbox.container(Scene.ID)).isSameAs(second);
  }

  @Test
  void anUnknownContainerOutOfMemoryIsNobodysConcern() {
    Sandbox sandbox = scene.start();
    Container container = scene.create(sandbox);
    container.start();

    scene.agent.reportOutOfMemory(new ContainerId("stranger"));
    scene.agent.reportOutOfMemory(Scene.ID);
    scene.agent.end(Scene.INIT, 137);

    assertThat(Scene.awaitExit(container).reason()).hasValue("out of memory in the guest");
  }
}
