package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.RunningCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a container engine does with a runtime, done with real virtual machines. */
@Tag("vm")
class ContainerTest extends OneContainer {
  @Test
  void aCommandRunsOnAKernelOfItsOwn() throws IOException {
    String bundle = bundle("uname", "-r");

    String release = casemate.run("run", "--bundle", bundle, ID).mustSucceed().text().strip();

    assertThat(release).isNotEmpty();
    assertThat(release)
        .isNotEqualTo(Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
  }

  @Test
  void theExitCodeOfTheContainerIsTheCommands() {
    casemate.run("run", "--bundle", bundle("sh", "-c", "exit 7"), ID).mustExit(7);
  }

  @Test
  void signalsToTheForegroundCommandReachTheProcess() {
    String script =
        "for s in USR1 USR2 ALRM VTALRM PROF PWR; do trap \"echo got $s\" $s; done;"
            + " trap 'exit 3' TERM; echo up; while :; do sleep 0.1; done";
    try (RunningCommand run = casemate.start("run", "--bundle", bundle("sh", "-c", script), ID)) {
      Await.until("the process is up", () -> run.text().contains("up\n"));
      for (String signal : List.of("USR1", "USR2", "ALRM", "VTALRM", "PROF", "PWR")) {
        run.signal(signal);
        Await.until(signal + " has arrived", () -> run.text().contains("got " + signal + "\n"));
      }
      run.signal("TERM");
      run.await().mustExit(3);
    }
  }

  @Test
  void aContainerLivesFromCreateToDelete() throws Exception {
    String bundle = bundle("sh", "-c", "trap 'exit 3' TERM; echo up; while :; do sleep 1; done");
    Path pidFile = scratch.resolve("pid");

    casemate.run("create", "--bundle", bundle, "--pid-file", pidFile.toString(), ID).mustSucceed();
    assertThat(casemate.run("state", ID).mustSucceed().text()).contains("\"created\"");
    long pid = Long.parseLong(Files.readString(pidFile).strip());
    assertThat(ProcessHandle.of(pid)).as("the pid file's process").isPresent();

    casemate.run("start", ID).mustSucceed();
    assertThat(casemate.run("state", ID).mustSucceed().text()).contains("\"running\"");
    assertThat(casemate.run("exec", ID, "hostname").mustSucceed().text()).isEqualTo("box\n");
    casemate.run("exec", ID, "sh", "-c", "exit 41").mustExit(41);

    casemate.run("kill", ID, "TERM").mustSucceed();
    Await.until(
        "the container has stopped",
        () -> casemate.run("state", ID).text().contains("\"stopped\""));
    Await.until(
        "the pid file's process has ended",
        () -> ProcessHandle.of(pid).map(p -> !p.isAlive() || isZombie(pid)).orElse(true));
    casemate.run("delete", ID).mustSucceed();
    casemate.run("state", ID).mustExit(1);
  }

  @Test
  void writesInTheContainerAreSeenOnTheHost() throws IOException {
    Bundle bundle = Bundle.in(scratch.resolve("bundle")).args("sh", "-c", "echo hello >/root/file");
    bundle.write();

    casemate.run("run", "--bundle", bundle.directory().toString(), ID).mustSucceed();

    assertThat(bundle.rootfs().resolve("root/file")).hasContent("hello\n");
  }

  private String bundle(String... args) {
    return Bundle.in(scratch.resolve("bundle")).args(args).write().toString();
  }

  private static boolean isZombie(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/status")).contains("State:\tZ");
    } catch (IOException gone) {
      return true;
    }
  }
}
