package dev.casemate.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.Hooks;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.Spec;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerTest {
  private static final Hook HOOK = new Hook("/hook", List.of(), List.of(), null);
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;

  private final Scene scene = new Scene();

  /** What can be asked of a container, and in which states it may be asked. */
  record Verb(String name, Set<ContainerStatus> allowed, BiConsumer<Scene, Container> ask) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Verb> verbs() {
    Set<ContainerStatus> alive =
        EnumSet.of(ContainerStatus.CREATED, ContainerStatus.RUNNING, ContainerStatus.PAUSED);
    Set<ContainerStatus> running = EnumSet.of(ContainerStatus.RUNNING);
    Set<ContainerStatus> unfrozen = EnumSet.of(ContainerStatus.CREATED, ContainerStatus.RUNNING);
    return List.of(
        new Verb("start", EnumSet.of(ContainerStatus.CREATED), (_, c) -> c.start()),
        new Verb("exec", unfrozen, Scene::exec),
        new Verb("kill", alive, (_, c) -> c.kill(SIGTERM, false)),
        new Verb("pause", running, (_, c) -> c.pause()),
        new Verb("resume", EnumSet.of(ContainerStatus.PAUSED), (_, c) -> c.resume()),
        new Verb("update", alive, (_, c) -> c.update(Resources.NONE)),
        new Verb("stats", alive, (_, c) -> assertThat(c.stats().pids().current()).isEqualTo(1)),
        new Verb("processes", alive, (_, c) -> assertThat(c.processes()).hasSize(1)),
        new Verb("resize", alive, (_, c) -> c.resize(Optional.empty(), new TerminalSize(80, 25))));
  }

  private static Container in(Scene scene, ContainerStatus status) {
    return switch (status) {
      case CREATING -> creating(scene);
      case CREATED -> scene.created();
      case RUNNING -> scene.running();
      case PAUSED -> scene.paused();
      case STOPPED -> scene.stopped();
    };
  }

  /** A container whose making is held in the guest for ever. */
  private static Container creating(Scene scene) {
    Sandbox sandbox = scene.start();
    Gate gate = scene.agent.holdAt("createContainer");
    Thread.ofVirtual().name("create").start(() -> scene.create(sandbox));
    gate.awaitHeld();
    return sandbox.container(Scene.ID);
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void everyVerbIsTakenInItsStatesAndRefusedUntouchedInAllOthers(Verb verb) {
    for (ContainerStatus status : ContainerStatus.values()) {
      Scene one = new Scene();
      Container container = in(one, status);
      assertThat(container.state().status()).isEqualTo(status);
      List<String> before = one.journal.of("agent");
      if (verb.allowed().contains(status)) {
        verb.ask().accept(one, container);
        assertThat(one.journal.of("agent"))
            .as("%s when %s", verb, status)
            .hasSizeGreaterThan(before.size());
      } else {
        CasemateException refusal =
            catchThrowableOfType(CasemateException.class, () -> verb.ask().accept(one, container));
        assertThat(refusal).as("%s when %s", verb, status).isNotNull();
        assertThat(refusal.code()).isEqualTo(ErrorCode.WRONG_STATE);
        assertThat(refusal.why()).startsWith("it is " + status.text());
        assertThat(one.journal.of("agent")).isEqualTo(before);
      }
    }
  }

  @Test
  void aLifeIsObservedFromItsStart() {
    Container container = scene.created();
    container.start();
    container.pause();
    container.resume();
    scene.agent.end(Scene.INIT, 7);

    ExitStatus exit = Scene.awaitExit(container);

    assertThat(exit.code()).isEqualTo(7);
    assertThat(exit.reason()).isEmpty();
    assertThat(container.state()).isEqualTo(new ContainerState.Stopped(exit));
    assertThat(scene.journal.of("observer"))
        .containsExactly(
            "observer running", "observer paused", "observer running", "observer stopped");
  }

  private static Spec withHooks() {
    List<Hook> one = List.of(HOOK);
    List<Hook> two = List.of(HOOK, HOOK);
    return Scene.spec().withHooks(new Hooks(one, two, one, one, two, one));
  }

  @Test
  void hooksRunInTheirOrderAroundTheGuest() {
    Container container = scene.create(scene.start(), withHooks());
    container.start();

    assertThat(scene.journal.lines())
        .filteredOn(line ->
            line.startsWith("hooks")
                || line.startsWith("agent createContainer")
                || line.startsWith("agent startContainer"))
        .containsExactly(
            "hooks PRESTART 1 creating 100",
            "hooks CREATE_RUNTIME 2 creating 100",
            "hooks CREATE_CONTAINER 1 creating 100",
            "agent createContainer c1",
            "agent startContainer c1",
            "hooks POSTSTART 2 running 100");
  }

  @ParameterizedTest
  @EnumSource(
      value = HookRunner.Moment.class,
      names = {"PRESTART", "CREATE_RUNTIME", "CREATE_CONTAINER"})
  void aHookThatFailsBeforeTheGuestIsAskedEndsTheMaking(HookRunner.Moment moment) {
    scene.failAtHook(moment);
    Sandbox sandbox = scene.start();

    CasemateException failure =
        catchThrowableOfType(CasemateException.class, () -> scene.create(sandbox, withHooks()));

    assertThat(failure.code()).isEqualTo(ErrorCode.HOOK_FAILED);
    assertThat(scene.journal.of("hooks")).last().asString().contains(moment.name());
    assertThat(scene.journal.lines()).noneMatch(line -> line.startsWith("agent createContainer"));
    assertThat(scene.journal.of("caller")).isEmpty();
  }

  @Test
  void aContainerThatCannotBeConnectedIsTakenOutOfTheGuest() {
    Sandbox sandbox = scene.start();
    scene.caller.failToConnect(new IllegalStateException("no streams"));
    CasemateException unremovable =
        new CasemateException(ErrorCode.TIMED_OUT, "remove it", "it does not die", "");
    scene.agent.failAt("removeContainer", unremovable);

    IllegalStateException failure =
        catchThrowableOfType(IllegalStateException.class, () -> scene.create(sandbox));

    assertThat(failure).hasMessage("no streams").hasSuppressedException(unremovable);
    assertThat(scene.journal.of("agent")).endsWith("agent removeContainer c1");
  }

  @Test
  void aProgramThatCannotBeExecutedEndsTheContainer() {
    Container container = scene.created();
    scene.agent.failAt(
        "startContainer",
        new CasemateException(ErrorCode.EXEC_FAILED, "start", "no such file", ""));

    CasemateException failure = catchThrowableOfType(CasemateException.class, container::start);

    assertThat(failure.code()).isEqualTo(ErrorCode.EXEC_FAILED);
    assertThat(Scene.awaitExit(container).code()).isEqualTo(137);
    assertThat(scene.journal.of("observer")).containsExactly("observer stopped");
  }

  @Test
  void theReasonOfAFailedStartIsNotHiddenByWhatFollows() {
    Container container = scene.created();
    CasemateException refused = new CasemateException(ErrorCode.EXEC_FAILED, "start", "no", "");
    CasemateException unremovable = new CasemateException(ErrorCode.TIMED_OUT, "remove", "no", "");
    scene.agent.failAt("startContainer", refused);
    scene.agent.failAt("removeContainer", unremovable);

    assertThat(catchThrowableOfType(CasemateException.class, container::start))
        .isSameAs(refused)
        .hasSuppressedException(unremovable);
  }

  @Test
  void twoStartsAtOnceAreOne() {
    Container container = scene.created();
    Gate gate = scene.agent.holdAt("startContainer");
    CompletableFuture<Void> first = CompletableFuture.runAsync(container::start);
    gate.awaitHeld();

    CasemateException second = catchThrowableOfType(CasemateException.class, container::start);
    gate.open();
    Gate.await(first, "the first start is done");

    assertThat(second.code()).isEqualTo(ErrorCode.WRONG_STATE);
    assertThat(container.state()).isEqualTo(new ContainerState.Running());
  }

  @Test
  void aProcessThatEndsBeforeItsStartIsAnsweredStaysEnded() {
    Container container = scene.created();
    Gate gate = scene.agent.holdAt("startContainer");
    CompletableFuture<Void> start = CompletableFuture.runAsync(container::start);
    gate.awaitHeld();
    scene.agent.end(Scene.INIT, 3);
    ExitStatus exit = Scene.awaitExit(container);
    gate.open();
    Gate.await(start, "start is done");

    assertThat(exit.code()).isEqualTo(3);
    assertThat(container.state().status()).isEqualTo(ContainerStatus.STOPPED);
    assertThat(scene.journal.of("observer")).containsExactly("observer stopped");
  }

  @Test
  void aProcessThatEndsWhileItIsFrozenOrThawedStaysEnded() {
    for (String call : List.of("pause", "resume")) {
      Scene one = new Scene();
      Container container = call.equals("pause") ? one.running() : one.paused();
      Gate gate = one.agent.holdAt(call);
      CompletableFuture<Void> verb =
          CompletableFuture.runAsync(call.equals("pause") ? container::pause : container::resume);
      gate.awaitHeld();
      one.agent.end(Scene.INIT, 0);
      Scene.awaitExit(container);
      gate.open();
      Gate.await(verb, call + " is done");

      assertThat(container.state().status()).isEqualTo(ContainerStatus.STOPPED);
      assertThat(one.journal.of("observer")).endsWith("observer stopped");
    }
  }

  @Test
  void aFailedVerbChangesNothing() {
    CasemateException refused = new CasemateException(ErrorCode.TIMED_OUT, "do it", "no", "");
    scene.agent.failAt("pause", refused);
    scene.agent.failAt("update", refused);
    Container container = scene.running();

    assertThat(catchThrowableOfType(CasemateException.class, container::pause)).isSameAs(refused);
    assertThat(
            catchThrowableOfType(CasemateException.class, () -> container.update(Resources.NONE)))
        .isSameAs(refused);
    assertThat(container.state()).isEqualTo(new ContainerState.Running());
    assertThat(scene.journal.of("observer")).containsExactly("observer running");
  }

  @Test
  void signalsGoToTheFirstProcessOrToAll() {
    Container container = scene.running();
    container.kill(SIGTERM, false);
    container.kill(SIGTERM, true);
    container.kill(SIGKILL, true);

    assertThat(scene.journal.lines())
        .filteredOn(line -> line.contains("signal"))
        .containsExactly("agent signal c1 15", "agent signalAll c1 15", "agent signalAll c1 9");
    assertThat(Scene.awaitExit(container).code()).isEqualTo(137);
  }

  @Test
  void furtherProcessesNeedNotWaitForTheFirst() {
    Container container = scene.created();

    FakeCaller further = scene.exec(container);
    scene.agent.end(ProcessId.exec(Scene.ID, Scene.EXEC), 3);

    assertThat(Gate.await(further.finished(), "exec has ended")).isEqualTo(3);
    assertThat(container.state()).isEqualTo(new ContainerState.Created());
  }

  @Test
  void aSignalCanGoToAFurtherProcess() {
    Container container = scene.running();
    FakeCaller further = scene.exec(container);

    container.kill(Scene.EXEC, 9);

    Gate.await(further.finished(), "exec has ended");
    assertThat(scene.journal.of("agent"))
        .contains("agent signal " + ProcessId.exec(Scene.ID, Scene.EXEC) + " 9");
    assertThat(
            catchThrowableOfType(CasemateException.class, () -> container.kill(Scene.EXEC, 9))
                .code())
        .isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void aContainerCanBeTakenOutOfALivingMachine() {
    Sandbox sandbox = scene.start();
    Container container = scene.create(sandbox);

    sandbox.remove(Scene.ID);

    assertThat(Scene.awaitExit(container).code()).isEqualTo(137);
    assertThat(scene.journal.of("agent")).contains("agent removeContainer c1");
    assertThat(catchThrowableOfType(CasemateException.class, () -> sandbox.remove(Scene.ID)).code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    scene.create(sandbox);
  }

  @Test
  void whatTheGuestDoesNotHaveAnyMoreCountsAsTakenOut() {
    for (ErrorCode code : List.of(ErrorCode.NOT_FOUND, ErrorCode.AGENT_SILENT)) {
      Scene another = new Scene();
      Sandbox sandbox = another.start();
      another.create(sandbox);
      another.agent.failAt(
          "removeContainer", new CasemateException(code, "remove", "it is gone", ""));

      sandbox.remove(Scene.ID);

      assertThat(
              catchThrowableOfType(CasemateException.class, () -> sandbox.container(Scene.ID))
                  .code())
          .isEqualTo(ErrorCode.NOT_FOUND);
    }
  }

  @Test
  void sigkillEndsTheMachineOfAnAgentThatIsSilent() {
    Container container = scene.running();
    scene.agent.failAt("signal", FakeAgent.silent());

    container.kill(SIGKILL, false);

    assertThat(Scene.awaitExit(container).code()).isEqualTo(137);
    assertThat(scene.journal.of("machine")).endsWith("machine stop");
  }

  @Test
  void otherSignalsLeaveTheMachineOfASilentAgentAlone() {
    Container container = scene.running();
    scene.agent.failAt("signal", FakeAgent.silent());

    CasemateException failure =
        catchThrowableOfType(CasemateException.class, () -> container.kill(SIGTERM, false));

    assertThat(failure.code()).isEqualTo(ErrorCode.AGENT_SILENT);
    assertThat(scene.journal.of("machine")).doesNotContain("machine stop");
    assertThat(container.state()).isEqualTo(new ContainerState.Running());
  }

  @Test
  void whatTheAgentSaysOfASignalIsToldAsItIs() {
    Container container = scene.running();
    scene.agent.failAt(
        "signal", new CasemateException(ErrorCode.INVALID_ARGUMENT, "signal", "no such", ""));

    assertThat(
            catchThrowableOfType(CasemateException.class, () -> container.kill(SIGKILL, false))
                .code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(scene.journal.of("machine")).doesNotContain("machine stop");
  }

  @Test
  void theStandInsOfAllItsProcessesAreKnown() {
    Container container = scene.running();
    assertThat(container.hostPids()).containsExactly(100L);
    FakeCaller further = scene.exec(container);
    assertThat(container.hostPids()).containsExactly(100L, 200L);
    assertThat(container.pid()).isEqualTo(100);

    scene.agent.end(ProcessId.exec(Scene.ID, Scene.EXEC), 0);
    Gate.await(further.finished(), "exec has ended");

    assertThat(container.hostPids()).containsExactly(100L);
  }
}
