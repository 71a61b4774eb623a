package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.testkit.Await;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CasemateCommand;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.Initrd;
import dev.casemate.testkit.RunningCommand;
import dev.casemate.testkit.SandboxProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every part of a sandbox dies once, at every stage of its life. Death is never success, is told
 * with its reason, and leaves nothing behind.
 */
@Tag("vm")
class DeathTest extends OneContainer {
  private static final long SEED = 20_261_127;
  private static final int KILLED = 137;
  private static final int TERMINATED = 143;

  /** How often a command is killed, at points spread over what a whole one takes. */
  private static final int POINTS = 8;

  private Optional<SandboxProcesses> sandbox = Optional.empty();

  @BeforeEach
  void logAsJson() {
    casemate = casemate.with("--log-format", "json");
  }

  @AfterEach
  @Override
  void nothingIsLeft() {
    super.nothingIsLeft();
    sandbox.ifPresent(dead -> assertThat(dead.fileDaemonLock()).doesNotExist());
  }

  private String bundle(String... args) {
    return Bundle.in(scratch.resolve("bundle")).args(args).write().toString();
  }

  /** A bundle whose container runs until it is told to end. */
  private String living() {
    return bundle("sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 1; done");
  }

  private CommandResult createOn(CasemateCommand host) {
    return host.run("create", "--bundle", bundle("true"), ID);
  }

  private SandboxProcesses running() {
    casemate.run("create", "--bundle", living(), ID).mustSucceed();
    casemate.run("start", ID).mustSucceed();
    return parts();
  }

  private SandboxProcesses parts() {
    SandboxProcesses parts = SandboxProcesses.of(casemate, ID);
    sandbox = Optional.of(parts);
    return parts;
  }

  private RunningCommand execWaiting() {
    RunningCommand exec = casemate.start("exec", ID, "sh", "-c", "echo up; sleep 1000");
    Await.until("the process runs", () -> exec.text().equals("up\n"));
    return exec;
  }

  private String status() {
    String state = casemate.run("state", ID).mustSucceed().text();
    return state.replaceAll("(?s).*\"status\": \"(\\w+)\".*", "$1");
  }

  private void awaitStopped() {
    Await.until("the container has stopped", () -> status().equals("stopped"));
  }

  private static void checkExit(SandboxProcesses sandbox, String reason) {
    JsonCursor exit = sandbox.exit();
    assertThat(exit.require("code").int32()).isEqualTo(KILLED);
    assertThat(exit.textOrEmpty("reason")).contains(reason);
  }

  /** What the verbs say to a container that died, twice in a row. */
  private void checkVerbsOnTheDead(String reason) {
    for (int again = 0; again < 2; again++) {
      Refusal.check(
          casemate.run("kill", ID, "KILL"),
          1,
          ErrorCode.WRONG_STATE,
          "container not running",
          reason);
      casemate.run("kill", "--all", ID, "KILL").mustSucceed();
    }
    Refusal.check(casemate.run("exec", ID, "true"), 255, ErrorCode.WRONG_STATE, "stopped", reason);
    casemate.run("delete", ID).mustSucceed();
    Refusal.check(casemate.run("delete", ID), 1, ErrorCode.NOT_FOUND, "does not exist");
    casemate.run("delete", "--force", ID).mustSucceed();
    leftovers.mustBeNone();
  }

  @Test
  void aKernelThatPanicsIsQuoted() {
    CommandResult result =
        createOn(
            casemate.withConfiguration(
                "[hypervisor.qemu]\nkernel_params = 'rdinit=/none init=/none'"));

    Refusal.check(result, 1, ErrorCode.GUEST_PANIC, "Kernel panic - not syncing");
    leftovers.mustBeNone();
  }

  @Test
  void aGuestWithoutAnAgentIsGivenUp() throws IOException {
    Path initrd = Initrd.write(scratch.resolve("mute"), "exec /bin/busybox sleep 100000");
    CommandResult result =
        createOn(
            casemate.withConfiguration(
                """
                [hypervisor.qemu]
                initrd = '%s'
                [agent.kata]
                dial_timeout_ms = 4000
                """
                    .formatted(readable(initrd))));

    Refusal.check(result, 1, ErrorCode.AGENT_SILENT, "never opened the agent's port");
    leftovers.mustBeNone();
  }

  @Test
  void aGuestThatTurnsItselfOffIsNoSuccess() throws IOException {
    Path initrd = Initrd.write(scratch.resolve("brief"), "exec /bin/busybox poweroff -f");
    CommandResult result =
        createOn(
            casemate.withConfiguration("[hypervisor.qemu]\ninitrd = '" + readable(initrd) + "'"));

    Refusal.check(result, 1, ErrorCode.VMM_DIED, "the guest shut itself down");
    leftovers.mustBeNone();
  }

  /** The VMM's user must reach it, which the way to a test's own directory does not allow. */
  private Path readable(Path file) throws IOException {
    Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwx--x--x"));
    return file;
  }

  @Test
  void aVmmThatIsKilledWhileBootingIsToldToTheCaller() {
    whileBooting(
        sandbox -> SandboxProcesses.kill(sandbox.vmm()), ErrorCode.VMM_DIED, "killed by signal 9");
  }

  @Test
  void aFileDaemonThatIsKilledWhileBootingIsToldToTheCaller() {
    whileBooting(
        sandbox -> {
          sandbox.vmm();
          // The guest's first words: by then the VMM has connected to the daemon.
          Path console = sandbox.runDirectory().resolve("console.log");
          Await.until("the guest boots", () -> console.toFile().exists());
          sandbox.fileDaemons().forEach(SandboxProcesses::kill);
        },
        ErrorCode.HELPER_DIED,
        "the file daemon");
  }

  @Test
  void aMonitorThatIsKilledWhileBootingIsToldToTheCallerAndCleanedUpAfter() {
    whileBooting(
        sandbox -> {
          sandbox.vmm();
          SandboxProcesses.kill(sandbox.monitor());
        },
        ErrorCode.HELPER_DIED,
        "monitor died");
  }

  private void whileBooting(Consumer<SandboxProcesses> death, ErrorCode code, String words) {
    RunningCommand create = casemate.start("create", "--bundle", living(), ID);
    death.accept(parts());

    Refusal.check(create.await(), 1, code, words);
    leftovers.mustBeNone();
  }

  @Test
  void aVmmThatIsKilledEndsTheContainerAndWhoeverWaits() {
    SandboxProcesses parts = running();
    RunningCommand exec = execWaiting();

    SandboxProcesses.kill(parts.vmm());

    exec.await().mustExit(KILLED);
    awaitStopped();
    checkExit(parts, "the VMM was killed by signal 9");
    checkVerbsOnTheDead("the VMM was killed by signal 9");
  }

  @Test
  void aFileDaemonThatIsKilledEndsTheContainer() {
    SandboxProcesses parts = running();
    RunningCommand exec = execWaiting();

    parts.fileDaemons().forEach(SandboxProcesses::kill);

    exec.await().mustExit(KILLED);
    awaitStopped();
    checkExit(parts, "the file daemon was killed by signal 9");
    checkVerbsOnTheDead("the file daemon was killed by signal 9");
  }

  @Test
  void aStandInThatIsKilledTakesTheContainerAlong() throws IOException {
    Path pidFile = scratch.resolve("pid");
    casemate
        .run("create", "--bundle", living(), "--pid-file", pidFile.toString(), ID)
        .mustSucceed();
    casemate.run("start", ID).mustSucceed();
    SandboxProcesses parts = parts();

    SandboxProcesses.kill(Long.parseLong(Files.readString(pidFile)));

    awaitStopped();
    assertThat(parts.exit().require("code").int32()).isEqualTo(KILLED);
    checkVerbsOnTheDead("");
  }

  @Test
  void aMonitorThatIsKilledEndsARunWithTheReason() {
    RunningCommand run = casemate.start("run", "--bundle", living(), ID);
    Await.until("the container runs", () -> run.text().equals("up\n"));

    SandboxProcesses.kill(parts().monitor());

    CommandResult result = run.await().mustExit(KILLED);
    Refusal.checkLine(
        result.errors().strip(), ErrorCode.VMM_DIED, "the process that looked after it died");
    leftovers.mustBeNone();
  }

  @Test
  void aMonitorThatIsKilledLeavesAContainerThatCanBeDeleted() {
    SandboxProcesses parts = running();
    RunningCommand exec = execWaiting();

    SandboxProcesses.kill(parts.monitor());

    exec.await().mustExit(KILLED);
    awaitStopped();
    checkVerbsOnTheDead("the process that looked after it died");
  }

  @Test
  void aLostStateFileLosesNoContainer() throws IOException {
    SandboxProcesses parts = running();

    Files.writeString(parts.stateFile(), "{\"format\": 1, \"id\": \"mor");
    assertThat(status()).isEqualTo("running");
    casemate.run("pause", ID).mustSucceed();
    assertThat(status()).isEqualTo("paused");
    casemate.run("resume", ID).mustSucceed();

    Files.delete(parts.stateFile());
    assertThat(status()).isEqualTo("running");
    Refusal.check(
        casemate.run("create", "--bundle", living(), ID), 1, ErrorCode.ALREADY_EXISTS, ID);
    casemate.run("exec", ID, "true").mustSucceed();

    Path directory = casemate.stateDirectory().resolve(ID);
    Files.deleteIfExists(directory.resolve("monitor.log"));
    Files.delete(directory);
    casemate.run("kill", ID, "USR1").mustSucceed();
    SandboxProcesses.kill(parts.monitor());
    casemate.run("delete", "--force", ID).mustSucceed();
    leftovers.mustBeNone();
  }

  @Test
  void aDamagedStateOfADeadContainerCanBeDeleted() throws IOException {
    casemate.run("create", "--bundle", living(), ID).mustSucceed();
    SandboxProcesses parts = parts();
    SandboxProcesses.kill(parts.vmm());
    parts.exit();
    Await.until("the sandbox is gone", () -> !Files.exists(parts.runDirectory()));
    Files.writeString(parts.stateFile(), "");

    Refusal.check(casemate.run("state", ID), 1, ErrorCode.WRONG_STATE, "its state file is damaged");
    Refusal.check(casemate.run("delete", ID), 1, ErrorCode.WRONG_STATE, "delete --force " + ID);
    casemate.run("delete", "--force", ID).mustSucceed();
    casemate.run("delete", "--force", ID).mustSucceed();
    leftovers.mustBeNone();
  }

  @Test
  void aCommandThatIsKilledLeavesNothingUnlessItWasDone() {
    String bundle = living();
    long whole = nanosOf(() -> casemate.run("create", "--bundle", bundle, ID).mustSucceed());
    casemate.run("delete", "--force", ID).mustSucceed();
    leftovers.mustBeNone();
    Random random = new Random(SEED);
    for (int point = 0; point < POINTS; point++) {
      long delay = (long) (whole * (point + random.nextDouble()) / POINTS);
      String verb = random.nextInt(3) == 0 ? "run" : "create";
      boolean kill = verb.equals("create") && random.nextBoolean();
      RunningCommand command = casemate.start(verb, "--bundle", bundle, ID);
      sleep(delay);

      command.signal(kill ? "KILL" : "TERM");

      CommandResult result = command.await();
      String when =
          "%s, SIG%s after %d ms (seed %d): %s"
              .formatted(verb, kill ? "KILL" : "TERM", delay / 1_000_000, SEED, result);
      if (verb.equals("run")) {
        // A container that has been started by then gets the signal, and ends with 0 by its trap.
        assertThat(result.exitCode()).as(when).isIn(TERMINATED, 0);
      } else {
        assertThat(result.exitCode()).as(when).isIn(0, kill ? KILLED : TERMINATED);
        deleteWhatWasDone();
      }
      leftovers.mustBeNone();
    }
  }

  /** A command that was killed when all was done has made a container, which is then whole. */
  private void deleteWhatWasDone() {
    Await.until(
        "it is made or undone", () -> !casemate.run("state", ID).text().contains("\"creating\""));
    CommandResult state = casemate.run("state", ID);
    if (state.exitCode() == 0) {
      assertThat(state.text()).contains("\"created\"");
      casemate.run("delete", ID).mustSucceed();
    }
  }

  @Test
  void aMonitorThatIsKilledWhileItMakesAContainerLeavesNothing() {
    String bundle = living();
    long whole = nanosOf(() -> casemate.run("create", "--bundle", bundle, ID).mustSucceed());
    casemate.run("delete", "--force", ID).mustSucceed();
    Random random = new Random(SEED + 1);
    for (int point = 0; point < POINTS / 2; point++) {
      // The first half: later there is a machine, which other tests kill.
      long delay = (long) (whole * (point + random.nextDouble()) / POINTS);
      RunningCommand create = casemate.start("create", "--bundle", bundle, ID);
      sleep(delay);

      create.process().children().forEach(ProcessHandle::destroyForcibly);

      CommandResult result = create.await();
      if (result.exitCode() == 0) {
        casemate.run("delete", "--force", ID).mustSucceed();
      } else {
        Refusal.check(result, 1, ErrorCode.HELPER_DIED);
      }
      leftovers.mustBeNone();
    }
  }

  private static long nanosOf(Runnable task) {
    long start = System.nanoTime();
    task.run();
    return System.nanoTime() - start;
  }

  /** To a point that matters to nothing: no outcome that is checked depends on it. */
  private static void sleep(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(Math.min(end - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(1)));
    }
  }
}
