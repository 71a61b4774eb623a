package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.Containerd;
import dev.casemate.testkit.DebianRelease;
import dev.casemate.testkit.ImageArchive;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.RunningCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What each version of containerd does with its shims, with runc's and with ours. */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ParameterizedClass
@EnumSource(DebianRelease.class)
class ContainerdTest {

  private static final String IMAGE = "localhost/box:1";
  private static final String ID = "box";

  @Parameter DebianRelease release = DebianRelease.BOOKWORM;
  private Leftovers leftovers = Leftovers.before();
  private @Nullable Containerd started;

  @BeforeParameterizedClassInvocation(injectArguments = false)
  void startContainerd(@TempDir Path directory) {
    assumeThat(release.unreachable()).isEmpty();
    Path archive = ImageArchive.make(directory.resolve("image"), IMAGE);
    leftovers = Leftovers.before();
    started = Containerd.in(directory.resolve("containerd"), release);
    ctr("image", "import", archive.toString()).mustSucceed();
  }

  @AfterEach
  void nothingIsLeft() {
    ctr("task", "kill", "--signal", "KILL", ID);
    ctr("task", "rm", "--force", ID);
    ctr("container", "rm", ID);
    leftovers.mustBeNone();
  }

  @AfterParameterizedClassInvocation(injectArguments = false)
  void endContainerd() {
    if (started != null) {
      started.close();
      started = null;
    }
  }

  @Test
  void aContainerRunsToItsEndAsUnderRunc() throws IOException {
    String host = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
    for (String runtime : List.of(Containerd.RUNC, Containerd.CASEMATE)) {
      CommandResult result =
          ctr(
              "run",
              "--rm",
              "--runtime",
              runtime,
              IMAGE,
              ID,
              "sh",
              "-c",
              "uname -r; hostname >&2; exit 7");

      assertThat(result.exitCode()).as(result.toString()).isEqualTo(7);
      assertThat(result.text().strip().equals(host)).isEqualTo(runtime.equals(Containerd.RUNC));
      assertThat(result.errors()).isNotBlank();
    }
  }

  @Test
  void aTaskLivesFromRunToRemovalAlsoWhenContainerdIsRestarted() {
    try (RunningCommand events = containerd().startCtr("events")) {
      run("trap 'exit 9' TERM; while :; do sleep 1; done").mustSucceed();
      assertThat(exec("e1", "echo", "hello").mustSucceed().text()).isEqualTo("hello\n");
      exec("e2", "sh", "-c", "exit 41").mustExit(41);
      assertThat(exec("e3", "nosuchprogram").errors()).contains("nosuchprogram");
      assertThat(ctr("task", "ps", ID).mustSucceed().text().lines()).hasSizeGreaterThan(1);
      assertThat(ctr("task", "metrics", ID).mustSucceed().text()).contains("memory");

      ctr("task", "pause", ID).mustSucceed();
      assertThat(status()).isEqualTo("PAUSED");
      ctr("task", "resume", ID).mustSucceed();
      assertThat(status()).isEqualTo("RUNNING");

      assertThat(events.text().lines().map(ContainerdTest::topic).filter(Objects::nonNull))
          .containsSubsequence(
              "/tasks/create",
              "/tasks/start",
              "/tasks/exec-added",
              "/tasks/exec-started",
              "/tasks/exit",
              "/tasks/paused",
              "/tasks/resumed");
    }

    containerd().restart();
    assertThat(status()).isEqualTo("RUNNING");
    assertThat(exec("e4", "echo", "again").mustSucceed().text()).isEqualTo("again\n");

    ctr("task", "kill", "--signal", "TERM", ID).mustSucceed();
    Await.until("the task has stopped", () -> status().equals("STOPPED"));
    assertThat(ctr("task", "rm", ID).mustSucceed().errors()).contains("exit code 9");
  }

  @Test
  void aShimThatIsKilledLeavesNothing() {
    run("while :; do sleep 1; done").mustSucceed();

    shim().destroyForcibly();

    Await.until("containerd has noticed", () -> !status().equals("RUNNING"));
  }

  @Test
  void whatCannotBeHadIsRefusedWithTheReason() {
    CommandResult hostNetwork =
        ctr("run", "--rm", "--runtime", Containerd.CASEMATE, "--net-host", IMAGE, ID, "true");

    assertThat(hostNetwork.exitCode()).isNotZero();
    assertThat(hostNetwork.errors()).contains("network");
  }

  @Test
  void aConfigurationThatIsNoneIsRefused(@TempDir Path directory) throws IOException {
    Path broken = directory.resolve("broken.toml");
    Files.writeString(broken, "[hypervisor.qemu]\nno_such_setting = 1\n");
    Path garbage = directory.resolve("garbage.toml");
    Files.writeString(garbage, "[hypervisor.qemu\n");

    assertThat(refusal(directory.resolve("none.toml")))
        .contains("none.toml")
        .contains("there is no such file");
    assertThat(refusal(broken)).contains("broken.toml").contains("no_such_setting");
    assertThat(refusal(garbage)).contains("garbage.toml").contains("line 1");
  }

  private String refusal(Path configuration) {
    CommandResult result =
        ctr(
            "run",
            "--rm",
            "--runtime",
            Containerd.CASEMATE,
            "--runtime-config-path",
            configuration.toString(),
            IMAGE,
            ID,
            "true");
    assertThat(result.exitCode()).isNotZero();
    return result.errors();
  }

  private CommandResult run(String script) {
    return ctr(
        "run",
        "--detach",
        "--fifo-dir",
        containerd().fifos().toString(),
        "--runtime",
        Containerd.CASEMATE,
        IMAGE,
        ID,
        "sh",
        "-c",
        script);
  }

  private CommandResult exec(String execId, String... command) {
    List<String> arguments = new ArrayList<>(List.of("task", "exec", "--exec-id", execId, ID));
    arguments.addAll(List.of(command));
    return ctr(arguments.toArray(String[]::new));
  }

  /** The task's, in containerd's word; empty when it has none. */
  private String status() {
    return ctr("task", "ls")
        .text()
        .lines()
        .map(line -> line.split("\\s+", -1))
        .filter(words -> words[0].equals(ID))
        .map(words -> words[2])
        .findFirst()
        .orElse("");
  }

  private static @Nullable String topic(String event) {
    for (String word : event.split(" ", -1)) {
      if (word.startsWith("/tasks/")) {
        return word;
      }
    }
    return null;
  }

  private static ProcessHandle shim() {
    return ProcessHandle.allProcesses()
        .filter(
            process -> process.info().commandLine().orElse("").contains("dev.casemate.shim.Main"))
        .findFirst()
        .orElseThrow();
  }

  private CommandResult ctr(String... arguments) {
    return containerd().ctr(arguments);
  }

  private Containerd containerd() {
    return Objects.requireNonNull(started);
  }
}
