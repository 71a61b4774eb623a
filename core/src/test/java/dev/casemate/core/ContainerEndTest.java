package dev.casemate.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** How containers and their further processes end, whoever else ends before them. */
class ContainerEndTest {
  private static final ProcessId FURTHER = ProcessId.exec(Scene.ID, Scene.EXEC);
  private static final int SIGKILL = 9;
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Scene scene = new Scene();

  @Test
  void aDeadMachineEndsItsContainerInEveryState() {
    List<Function<Scene, Container>> states =
        List.of(Scene::created, Scene::running, Scene::paused);
    for (Function<Scene, Container> state : states) {
      Scene one = new Scene();
      Container container = state.apply(one);

      one.machine.die(new VmExit.Signalled(9));

      ExitStatus exit = Scene.awaitExit(container);
      assertThat(exit.code()).isEqualTo(ExitStatus.MACHINE_DIED);
      assertThat(exit.reason()).hasValue("the VMM was killed by signal 9");
      assertThat(one.journal.of("observer")).endsWith("observer stopped");
    }
  }

  @Test
  void aMachineThatDiesWhileTheContainerIsMadeFailsTheMaking() {
    Sandbox sandbox = scene.start();
    scene.machine.die(new VmExit.OutOfMemory());

    CasemateException failure =
        catchThrowableOfType(CasemateException.class, () -> scene.create(sandbox));

    assertThat(failure.code()).as("as the machine explains it").isEqualTo(ErrorCode.GUEST_PANIC);
    assertThat(scene.journal.of("caller")).isEmpty();
  }

  @Test
  void aMachineThatDiesWhileTheContainerStartsEndsIt() {
    Container container = scene.created();
    Gate gate = scene.agent.holdAt("startContainer");
    CompletableFuture<CasemateException> start =
        CompletableFuture.supplyAsync(
            () -> catchThrowableOfType(CasemateException.class, container::start));
    gate.awaitHeld();
    scene.machine.die(new VmExit.GuestPanic("Kernel panic - not syncing"));
    gate.open();

    assertThat(Gate.await(start, "start is answered").code()).isEqualTo(ErrorCode.AGENT_SILENT);
    assertThat(scene.journal.of("agent")).doesNotContain("agent removeContainer c1");
    assertThat(Scene.awaitExit(container).reason())
        .hasValue("the guest kernel panicked: Kernel panic - not syncing");
  }

  @Test
  void anAgentThatFallsSilentInALivingMachineEndsTheContainer() {
    Container container = scene.running();

    scene.agent.fallSilent();

    ExitStatus exit = Scene.awaitExit(container);
    assertThat(exit.code()).isEqualTo(ExitStatus.MACHINE_DIED);
    assertThat(exit.reason())
        .hasValue("the guest agent fell silent: the peer closed the connection");
  }

  @Test
  void whatTheAgentSaysOfAProcessIsNotCalledSilence() {
    scene.agent.failAt(
        "waitFor", new CasemateException(ErrorCode.NOT_FOUND, "wait", "no such process", ""));

    assertThat(Scene.awaitExit(scene.created()).reason()).hasValue("no such process");
  }

  @Test
  void evenADefectEndsTheContainer() {
    scene.agent.failAt("waitFor", new IllegalStateException("a defect"));
    scene.caller.failToDrain(new IllegalStateException("another"));
    scene.failToObserve(new IllegalStateException("a third"));

    ExitStatus exit = Scene.awaitExit(scene.created());

    assertThat(exit.code()).isEqualTo(ExitStatus.MACHINE_DIED);
    assertThat(exit.reason().orElseThrow()).contains("a defect");
    assertThat(scene.journal.of("warning"))
        .containsExactly("warning take the output of c1: another");
  }

  @Test
  void itHasStoppedOnlyWhenTheCallerHasItsOutput() {
    Gate output = scene.caller.holdOutput();
    Container container = scene.running();
    scene.agent.end(Scene.INIT, 0);
    output.awaitHeld();

    assertThat(container.exit()).isNotDone();
    assertThat(container.state()).isEqualTo(new ContainerState.Running());
    output.open();

    assertThat(Scene.awaitExit(container).code()).isZero();
  }

  @Test
  void aKillBetweenTheEndAndItsAnnouncementIsNoError() {
    Gate output = scene.caller.holdOutput();
    Container container = scene.running();
    scene.agent.end(Scene.INIT, 5);
    output.awaitHeld();

    container.kill(SIGKILL, false);
    output.open();

    assertThat(Scene.awaitExit(container).code()).isEqualTo(5);
  }

  @Test
  void lackOfMemoryIsTheReasonWhenItKilled() {
    Container container = scene.running();
    scene.agent.reportOutOfMemory(Scene.ID);
    scene.agent.end(Scene.INIT, 137);

    assertThat(Scene.awaitExit(container).reason()).hasValue("out of memory in the guest");
  }

  @Test
  void everyLackOfMemoryIsToldOf() {
    Container container = scene.running();
    CompletableFuture<Long> first =
        CompletableFuture.supplyAsync(() -> container.awaitOutOfMemory(0, LONG));
    scene.agent.reportOutOfMemory(Scene.ID);
    assertThat(Gate.await(first, "the first is told of")).isEqualTo(1);
    scene.agent.reportOutOfMemory(Scene.ID);
    scene.agent.reportOutOfMemory(Scene.ID);
    assertThat(container.awaitOutOfMemory(1, LONG)).isEqualTo(3);

    CompletableFuture<Long> none =
        CompletableFuture.supplyAsync(() -> container.awaitOutOfMemory(3, LONG));
    scene.agent.end(Scene.INIT, 0);
    assertThat(Gate.await(none, "the end is told of")).isEqualTo(3);
  }

  @Test
  void theWaitForALackOfMemoryIsBounded() {
    assertThat(scene.running().awaitOutOfMemory(0, Duration.ofMillis(1))).isZero();
  }

  @Test
  void lackOfMemoryIsTold() {
    scene.running();

    scene.agent.reportOutOfMemory(Scene.ID);

    assertThat(scene.journal.of("observer")).contains("observer memory c1");
  }

  @Test
  void lackOfMemoryThatWasSurvivedIsNoReason() {
    Container container = scene.running();
    scene.agent.reportOutOfMemory(Scene.ID);
    scene.agent.end(Scene.INIT, 1);

    assertThat(Scene.awaitExit(container).reason()).isEmpty();
  }

  @Test
  void anEndBySigkillHasNoReasonOfItsOwn() {
    Container container = scene.running();
    container.kill(SIGKILL, false);

    ExitStatus exit = Scene.awaitExit(container);
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.reason()).isEmpty();
  }

  @Test
  void aLostStandInTakesItsProcessWithIt() {
    Container container = scene.running();
    scene.caller.lose();

    assertThat(Scene.awaitExit(container).code()).isEqualTo(137);
    assertThat(scene.journal.of("agent")).contains("agent signal c1 9");
  }

  @Test
  void aLostStandInOfAFurtherProcessTakesOnlyThat() {
    Container container = scene.running();
    FakeCaller further = scene.exec(container);
    further.lose();

    assertThat(Gate.await(further.finished(), "exec has ended")).isEqualTo(137);
    assertThat(container.state()).isEqualTo(new ContainerState.Running());
  }

  @Test
  void aFurtherProcessEndsItsStandInWithItsOwnCode() {
    Container container = scene.running();
    FakeCaller further = scene.exec(container);
    scene.agent.end(FURTHER, 42);

    assertThat(Gate.await(further.finished(), "exec has ended")).isEqualTo(42);
    assertThat(scene.journal.of("caller"))
        .endsWith("caller connect c1/e1", "caller drain", "caller finish 42");
    assertThat(container.state()).isEqualTo(new ContainerState.Running());
  }

  @Test
  void aFurtherProcessNameIsTakenUntilItEnds() {
    Container container = scene.running();
    FakeCaller first = scene.exec(container);

    CasemateException refused =
        catchThrowableOfType(CasemateException.class, () -> scene.exec(container));
    scene.agent.end(FURTHER, 0);
    Gate.await(first.finished(), "exec has ended");
    FakeCaller second = scene.exec(container);
    scene.agent.end(FURTHER, 1);

    assertThat(refused.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
    assertThat(Gate.await(second.finished(), "the second exec has ended")).isEqualTo(1);
  }

  @Test
  void aFurtherProcessThatCannotBeStartedFreesItsName() {
    Container container = scene.running();
    scene.agent.failAt(
        "exec", new CasemateException(ErrorCode.EXEC_FAILED, "exec", "no such file", ""));

    CasemateException failure =
        catchThrowableOfType(CasemateException.class, () -> scene.exec(container));

    assertThat(failure.code()).isEqualTo(ErrorCode.EXEC_FAILED);
    assertThat(container.hostPids()).containsExactly(100L);
    assertThat(scene.journal.of("caller")).doesNotContain("caller connect c1/e1");
  }

  @Test
  void aFurtherProcessThatCannotBeConnectedIsKilled() {
    Container container = scene.running();
    FakeCaller further = new FakeCaller(scene.journal, 200);
    further.failToConnect(new IllegalStateException("no streams"));

    IllegalStateException failure =
        catchThrowableOfType(
            IllegalStateException.class,
            () -> container.exec(Scene.EXEC, Scene.spec().process(), further));

    assertThat(failure).hasMessage("no streams");
    assertThat(scene.journal.of("agent")).endsWith("agent signal c1/e1 9");
    assertThat(container.hostPids()).containsExactly(100L);
  }

  @Test
  void furtherProcessesEndWithTheFirstAndBeforeTheContainerHasStopped() {
    Container container = scene.running();
    FakeCaller further = scene.exec(container);
    scene.agent.end(Scene.INIT, 0);

    assertThat(Scene.awaitExit(container).code()).isZero();
    assertThat(further.finished()).isCompletedWithValue(137);
  }

  @Test
  void aFurtherProcessKeepsItsOwnCodeWhenTheFirstEndsRightAfter() {
    Container container = scene.running();
    FakeCaller further = new FakeCaller(scene.journal, 200);
    Gate output = further.holdOutput();
    container.exec(Scene.EXEC, Scene.spec().process(), further);
    scene.agent.end(FURTHER, 3);
    output.awaitHeld();
    scene.agent.end(Scene.INIT, 0);
    output.open();

    Scene.awaitExit(container);

    assertThat(further.finished()).isCompletedWithValue(3);
  }

  @Test
  void aFurtherProcessWhoseCallerTakesNothingDoesNotHoldTheContainerUp() {
    Container container = scene.running();
    FakeCaller further = new FakeCaller(scene.journal, 200);
    Gate output = further.holdOutput();
    container.exec(Scene.EXEC, Scene.spec().process(), further);
    scene.agent.end(FURTHER, 3);
    output.awaitHeld();
    scene.agent.end(Scene.INIT, 0);

    assertThat(Scene.awaitExit(container).code()).isZero();
    assertThat(further.finished()).isNotDone();
    output.open();
    assertThat(Gate.await(further.finished(), "exec has ended")).isEqualTo(3);
  }

  @Test
  void aStandInThatDoesNotEndIsToldOf() {
    Container container = scene.running();
    FakeCaller further = scene.exec(container);
    further.failToFinish(new IllegalStateException("it stays"));
    scene.agent.end(FURTHER, 0);
    scene.agent.end(Scene.INIT, 0);

    Scene.awaitExit(container);

    assertThat(scene.journal.of("warning")).contains("warning end the stand-in of c1/e1: it stays");
  }
}
