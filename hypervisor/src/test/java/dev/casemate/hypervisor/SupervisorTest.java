package dev.casemate.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.core.VmmCredentials;
import dev.casemate.linux.Descriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class SupervisorTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final Supervisor supervisor = new Supervisor();
  private final ScratchDirectory scratch = new ScratchDirectory();

  @AfterEach
  void clean() {
    supervisor.close();
    scratch.close();
  }

  private HostProcess spawn(String script) {
    return spawn(supervisor, script, new Confinement.Privileged());
  }

  private HostProcess spawn(Supervisor by, String script, Confinement confinement) {
    return by.spawn(
        new HostCommand("sh", List.of("/bin/sh", "-c", script), confinement, Map.of()),
        scratch.file("log"));
  }

  private static boolean runs(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private static void awaitLine(HostProcess process, String line) throws InterruptedException {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (!process.output().lastLines(100).contains(line)) {
      assertThat(System.nanoTime()).as("waiting for " + line).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  private static long numberIn(HostProcess process) throws InterruptedException {
    awaitLine(process, "ready");
    return Long.parseLong(process.output().lastLines(2).getFirst());
  }

  private static void awaitGone(long pid) throws InterruptedException {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (runs(pid)) {
      assertThat(System.nanoTime()).as("waiting for the end of " + pid).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  @Test
  void tellsCodesFromSignals() {
    assertThat(spawn("exit 7").awaitExit(BOUND)).contains(new ExitStatus.Exited(7));
    assertThat(spawn("exit 0").awaitExit(BOUND)).contains(new ExitStatus.Exited(0));
    assertThat(spawn("kill -SEGV $$").awaitExit(BOUND)).contains(new ExitStatus.Signalled(11));
    // A shell says that its child was killed; it was not killed itself.
    assertThat(spawn("exit 137").awaitExit(BOUND)).contains(new ExitStatus.Exited(137));
    assertThat(spawn("exit 255").awaitExit(BOUND)).contains(new ExitStatus.Exited(255));
  }

  @Test
  void hearsBothOutputsAndKeepsThemOnDisk() throws Exception {
    HostProcess process = spawn("echo out; echo err >&2");
    assertThat(process.awaitExit(BOUND)).isPresent();
    assertThat(process.awaitOutputEnd(BOUND)).isTrue();
    assertThat(process.output().lastLines(5)).containsExactly("out", "err");
    assertThat(scratch.file("log")).hasContent("out\nerr\n");
  }

  @Test
  void givesNothingButAnEmptyInputAndTheSetEnvironment() {
    HostProcess process =
        supervisor.spawn(
            new HostCommand(
                "sh",
                List.of("/bin/sh", "-c", "cat; echo $HOME-$GIVEN"),
                new Confinement.Privileged(),
                Map.of("GIVEN", "yes")),
            scratch.file("log"));
    assertThat(process.awaitExit(BOUND)).contains(new ExitStatus.Exited(0));
    process.awaitOutputEnd(BOUND);
    assertThat(process.output().lastLines(1)).containsExactly("-yes");
  }

  @Test
  void givesTheDescriptorsAndNoOthers() throws Exception {
    try (Descriptor first = Descriptor.memory("first");
        Descriptor second = Descriptor.memory("second");
        Descriptor third = Descriptor.memory("third")) {
      third.setCloseOnExec(false);
      HostProcess process =
          supervisor.spawn(
              new HostCommand(
                  "sh",
                  List.of("/bin/sh", "-c", "for f in /proc/$$/fd/*; do readlink $f; done; true"),
                  new Confinement.Unprivileged(
                      new VmmCredentials(1879048999, 1879048998), List.of()),
                  Map.of(),
                  List.of(second, first)),
              scratch.file("log"));
      assertThat(process.awaitExit(BOUND)).contains(new ExitStatus.Exited(0));
      process.awaitOutputEnd(BOUND);
      List<String> open = process.output().lastLines(9);
      assertThat(open).hasSize(5);
      assertThat(open.getFirst()).isEqualTo("/dev/null");
      assertThat(open.subList(3, 5))
          .containsExactly("/memfd:second (deleted)", "/memfd:first (deleted)");
      assertThat(first.isOpen()).isTrue();
    }
  }

  @Test
  void aMissingProgramShowsAsAStatusWithItsReason() {
    HostProcess process =
        supervisor.spawn(
            new HostCommand(
                "none", List.of("/nonexistent/program"), new Confinement.Privileged(), Map.of()),
            scratch.file("log"));
    assertThat(process.awaitExit(BOUND)).contains(new ExitStatus.Exited(127));
    process.awaitOutputEnd(BOUND);
    assertThat(process.output().lastLines(1).getFirst()).contains("/nonexistent/program");
  }

  @Test
  void killsWhatIgnoresSigtermAndWhatItHasSpawned() throws Exception {
    HostProcess process = spawn("trap '' TERM; sleep 1000 & echo $!; echo ready; wait; wait");
    long child = numberIn(process);
    process.terminate();
    assertThat(process.isAlive()).isTrue();
    assertThat(process.kill(BOUND)).contains(new ExitStatus.Signalled(9));
    awaitGone(child);
    assertThat(process.exit().join()).isEqualTo(new ExitStatus.Signalled(9));
  }

  @Test
  void childrenDieWithTheSupervisor() {
    Supervisor shortLived = new Supervisor();
    HostProcess process = spawn(shortLived, "exec sleep 1000", new Confinement.Privileged());
    assertThat(process.isAlive()).isTrue();
    shortLived.close();
    assertThat(process.awaitExit(BOUND)).contains(new ExitStatus.Signalled(9));
    assertThatThrownBy(() -> spawn(shortLived, "true", new Confinement.Privileged()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void childrenOutliveTheThreadThatAskedForThem() throws Exception {
    Path go = scratch.file("go");
    String script = "echo ready; until [ -e " + go + " ]; do sleep 0.02; done; echo still here";
    CompletableFuture<HostProcess> spawned = new CompletableFuture<>();
    Thread asker = Thread.ofPlatform().start(() -> spawned.complete(spawn(script)));
    asker.join();
    awaitLine(spawned.join(), "ready");
    Files.createFile(go);
    awaitLine(spawned.join(), "still here");
    assertThat(spawned.join().awaitExit(BOUND)).contains(new ExitStatus.Exited(0));
  }

  @Test
  void anUnprivilegedChildHasNoIdentityCapabilityOrWayBack() {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")));
    HostProcess process =
        spawn(
            supervisor,
            "id -u; id -g; id -G; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status",
            new Confinement.Unprivileged(new VmmCredentials(1879048999, 1879048998), List.of()));
    assertThat(process.awaitExit(BOUND)).contains(new ExitStatus.Exited(0));
    process.awaitOutputEnd(BOUND);
    assertThat(process.output().lastLines(6))
        .containsExactly(
            "1879048999",
            "1879048998",
            "1879048998",
            "CapEff: 0000000000000000",
            "CapBnd: 0000000000000000",
            "NoNewPrivs: 1");
  }

  @Test
  void rootIsNotUnprivileged() {
    assertThatThrownBy(() -> new Confinement.Unprivileged(new VmmCredentials(0, 0), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aCommandThatCannotBeIsRefused() {
    Confinement root = new Confinement.Privileged();
    assertThatThrownBy(() -> new HostCommand("x", List.of(), root, Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HostCommand("x", List.of("a", "b\0c"), root, Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLogThatCannotBeWrittenOnlyCostsTheLog() {
    HostProcess process =
        supervisor.spawn(
            new HostCommand(
                "sh", List.of("/bin/echo", "heard"), new Confinement.Privileged(), Map.of()),
            Path.of("/nonexistent/log"));
    assertThat(process.awaitExit(BOUND)).isEqualTo(Optional.of(new ExitStatus.Exited(0)));
    process.awaitOutputEnd(BOUND);
    assertThat(process.output().lastLines(1)).containsExactly("heard");
    assertThat(Files.exists(Path.of("/nonexistent"))).isFalse();
  }
}
