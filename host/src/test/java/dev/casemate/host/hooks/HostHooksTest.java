package dev.casemate.host.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.core.HookRunner.Moment;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HostHooksTest {
  @TempDir private Path bundle;

  private final List<String> warnings = new ArrayList<>();
  private final HostHooks hooks = new HostHooks(warnings::add);

  private State state(int pid) {
    return new State(
        "1.0.2",
        new ContainerId("c"),
        ContainerStatus.CREATING,
        pid,
        bundle.toString(),
        Map.of("k", "ä".repeat(100_000)));
  }

  private static Hook script(String text) {
    return new Hook("/bin/sh", List.of("sh", "-c", text), List.of(), null);
  }

  private void run(Moment moment, Hook... list) {
    hooks.run(moment, List.of(list), state((int) ProcessHandle.current().pid()));
  }

  private String written(String file) throws IOException {
    return Files.readString(bundle.resolve(file)).strip();
  }

  @Test
  void getsTheStateAndRunsInTheBundleInOrder() throws IOException {
    run(
        Moment.PRESTART,
        script("cat >state; echo 1 >>order; pwd >directory"),
        script("echo 2 >>order; tr '\\0' '\\n' </proc/$$/environ >environment"));
    assertThat(written("state"))
        .isEqualTo(state((int) ProcessHandle.current().pid()).toJson().toJson());
    assertThat(written("order")).isEqualTo("1\n2");
    assertThat(written("directory")).isEqualTo(bundle.toRealPath().toString());
    assertThat(written("environment")).startsWith("PATH=").doesNotContain("HOME=", "JAVA");
  }

  @Test
  void getsItsOwnEnvironmentAndName() throws IOException {
    Path out = bundle.resolve("out");
    run(
        Moment.CREATE_RUNTIME,
        new Hook(
            "/bin/sh",
            List.of("another-name", "-c", "echo $0 $X $PATH >" + out),
            List.of("X=y"),
            null));
    // The shell names itself by the first argument; its PATH is its built-in one or none.
    assertThat(written("out")).startsWith("another-name y");
  }

  /** Docker's hook is /proc/PID/exe of its daemon, told by its first argument what to do. */
  @Test
  void runsAProgramThatOnlyARunningProcessHolds() throws Exception {
    Path copy = bundle.resolve("shell");
    Files.copy(Path.of("/bin/sh").toRealPath(), copy);
    assertThat(copy.toFile().setExecutable(true)).isTrue();
    Process holder = new ProcessBuilder(copy.toString(), "-c", "read _").start();
    try {
      Files.delete(copy);
      run(
          Moment.PRESTART,
          new Hook(
              "/proc/" + holder.pid() + "/exe",
              List.of("libnetwork-setkey", "-c", "echo $0 >name"),
              List.of(),
              null));
      assertThat(written("name")).isEqualTo("libnetwork-setkey");
    } finally {
      holder.destroyForcibly();
      assertThat(holder.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Moment.class,
      names = {"PRESTART", "CREATE_RUNTIME", "CREATE_CONTAINER"})
  void failureBeforeTheContainerIsThereIsAnError(Moment moment) {
    assertThatThrownBy(() ->
            run(
                moment,
                script("echo first >>order; printf 'no\\tnet\\033work\\n' >&2; exit 3"),
                script("echo second >>order")))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HOOK_FAILED))
        .hasMessageContaining("hook /bin/sh: it exited with status 3, saying: no network");
    assertThat(bundle.resolve("order")).hasContent("first");
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Moment.class,
      names = {"POSTSTART", "POSTSTOP"})
  void laterFailureIsAWarningAndTheOthersRun(Moment moment) {
    run(moment, script("kill -9 $$"), script("echo second >order"));
    assertThat(bundle.resolve("order")).hasContent("second");
    assertThat(warnings).hasSize(1);
    assertThat(warnings.getFirst()).endsWith("it was killed by signal 9");
  }

  @Test
  void aProgramThatDoesNotExistIsNamed() {
    Hook hook = new Hook("/no/such/hook", List.of(), List.of(), null);
    assertThatThrownBy(() -> run(Moment.PRESTART, hook))
        .hasMessageContaining("prestart hook /no/such/hook")
        .hasMessageContaining("no such file");
  }

  @Test
  void theTimeOfAHookEndsWithAllThatItStarted() throws Exception {
    Path pids = bundle.resolve("pids");
    Hook hook =
        new Hook(
            "/bin/sh",
            List.of("sh", "-c", "sleep 1000 & echo $! >" + pids + "; wait"),
            List.of(),
            1);
    assertThatThrownBy(() -> run(Moment.PRESTART, hook))
        .hasMessageContaining("it did not end within 1 s");
    long sleeper = Long.parseLong(Files.readString(pids).strip());
    ProcessHandle.of(sleeper)
        .ifPresent(process ->
            assertThat(process.onExit().orTimeout(60, TimeUnit.SECONDS))
                .succeedsWithin(60, TimeUnit.SECONDS));
  }

  @Test
  void aDaemonThatKeepsTheOutputOpenHoldsNothingUp() throws Exception {
    run(Moment.PRESTART, script("sleep 1000 & echo $! >daemon"));
    long daemon = Long.parseLong(written("daemon"));
    ProcessHandle process = ProcessHandle.of(daemon).orElseThrow();
    process.destroyForcibly();
    assertThat(process.onExit()).succeedsWithin(60, TimeUnit.SECONDS);
  }

  @Test
  void muchOutputBlocksNothing() {
    assertThatThrownBy(
            () -> run(Moment.PRESTART, script("head -c 1000000 /dev/zero | tr '\\0' x; exit 1")))
        .isInstanceOfSatisfying(
            CasemateException.class, e -> assertThat(e.why()).hasSizeBetween(4000, 4200));
  }

  @Test
  void createContainerRunsInTheNamespacesOfTheStandIn() throws Exception {
    Process standIn =
        new ProcessBuilder("unshare", "-n", "-u", "-i", "sh", "-c", "echo ready; read _").start();
    try {
      assertThat(standIn.getInputStream().read()).isEqualTo('r');
      String script = "readlink /proc/self/ns/net /proc/self/ns/uts /proc/self/ns/mnt >";
      State state = state((int) standIn.pid());
      hooks.run(Moment.CREATE_CONTAINER, List.of(script(script + "inside")), state);
      hooks.run(Moment.CREATE_RUNTIME, List.of(script(script + "outside")), state);
      List<String> inside = written("inside").lines().toList();
      List<String> outside = written("outside").lines().toList();
      for (String kind : List.of("net", "uts", "mnt")) {
        Path of = Path.of("/proc/" + standIn.pid() + "/ns/" + kind);
        Path ours = Path.of("/proc/self/ns/" + kind);
        assertThat(inside).contains(Files.readSymbolicLink(of).toString());
        assertThat(outside).contains(Files.readSymbolicLink(ours).toString());
      }
      assertThat(inside.getFirst()).isNotEqualTo(outside.getFirst());
    } finally {
      standIn.destroyForcibly();
      assertThat(standIn.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }
}
