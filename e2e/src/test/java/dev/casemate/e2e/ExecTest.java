package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CasemateCommand;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.RuncCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Further processes of a container, beside those of the same container under runc. */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExecTest {

  private static final String ID = "box";

  /** What a process that describes itself in a file is given. */
  private static final String FACTS =
      """
      id; umask; pwd; env; ulimit -Hn; cat /proc/self/oom_score_adj
      grep -E '^(Cap...|NoNewPrivs|Groups):' /proc/self/status\
      """;

  private Path scratch = Path.of("/nonexistent");
  private CasemateCommand casemate = CasemateCommand.in(Path.of("/nonexistent"));
  private RuncCommand runc = RuncCommand.in(Path.of("/nonexistent"));
  private Leftovers leftovers = Leftovers.before();

  @BeforeAll
  void startBoth(@TempDir Path directory) throws IOException {
    scratch = directory;
    casemate = CasemateCommand.in(scratch);
    runc = RuncCommand.in(scratch);
    leftovers = Leftovers.before(casemate.stateDirectory());
    Bundle bundle =
        Bundle.in(scratch.resolve("bundle"))
            .args("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done")
            .set("process.noNewPrivileges", "false")
            .set("process.oomScoreAdj", "77")
            .set(
                "process.rlimits",
                "[{\"type\": \"RLIMIT_NOFILE\", \"soft\": 512, \"hard\": 1024}]");
    String path = bundle.write().toString();
    writeFile(bundle.rootfs().resolve("not-executable"), "rw-r--r--", "#!/bin/sh\n");
    writeFile(bundle.rootfs().resolve("of-no-format"), "rwxr-xr-x", "neither ELF nor script\n");
    runc.run("run", "--detach", "--bundle", path, ID).mustSucceed();
    casemate.run("run", "--detach", "--bundle", path, ID).mustSucceed();
  }

  private static void writeFile(Path file, String mode, String content) throws IOException {
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @AfterAll
  void nothingIsLeft() {
    casemate.run("delete", "--force", ID);
    runc.run("delete", "--force", ID);
    leftovers.mustBeNone();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 126, 127, 128, 137, 255})
  void theExitCodeIsTheProcesss(int code) {
    casemate.run("exec", ID, "sh", "-c", "exit " + code).mustExit(code);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 11, 15, 64})
  void aProcessThatASignalKilledEndsWith128AndItsNumber(int signal) {
    casemate.run("exec", ID, "sh", "-c", "kill -" + signal + " $$").mustExit(128 + signal);
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "/missing", "./missing", "/etc", "/etc/passwd", ""})
  void aProgramThatCannotRunIsRefusedInTheWordsOfRunc(String program) {
    CommandResult expected = runc.run("exec", ID, program).mustExit(255);

    CommandResult result = casemate.run("exec", ID, program).mustExit(255);

    assertThat(result.errors())
        .contains(quotedFrom(expected.errors(), "exec: "))
        .contains("code=EXEC_FAILED");
  }

  /** What a log line says, from a word in it on: engines look for parts of this. */
  private static String quotedFrom(String line, String word) {
    assertThat(line).contains(word).endsWith("\"\n");
    return line.substring(line.indexOf(word), line.length() - 2);
  }

  @Test
  void aFileThatTheKernelCannotRunIsReportedOnTheProcesssErrorStream() {
    CommandResult expected = runc.run("exec", ID, "/of-no-format").mustExit(1);

    CommandResult result = casemate.run("exec", ID, "/of-no-format").mustExit(1);

    assertThat(result.errors().toLowerCase(Locale.ROOT))
        .doesNotContain("{")
        .contains("exec format error");
    assertThat(expected.errors()).contains("exec format error");
  }

  @Test
  void aDirectoryThatIsNotThereIsAnError() {
    CommandResult expected = runc.run("exec", "--cwd", "/missing", ID, "pwd").mustExit(255);

    CommandResult result = casemate.run("exec", "--cwd", "/missing", ID, "pwd").mustExit(255);

    assertThat(result.errors()).contains(quotedFrom(expected.errors(), "chdir"));
  }

  @Test
  void flagsChangeTheContainersOwnProcess() {
    mustPrintTheSame("--cwd", "/root", ID, "pwd");
    mustPrintTheSame("--user", "1000", ID, "sh", "-c", FACTS);
    mustPrintTheSame("--user", "1000:5", "-g", "7", "-g", "9", ID, "sh", "-c", FACTS);
    mustPrintTheSame("--cap", "CAP_NET_ADMIN", "--no-new-privs", ID, "sh", "-c", FACTS);
    mustPrintTheSame("--env", "A=b c", "--env", "HOME=/elsewhere", ID, "sh", "-c", FACTS);
  }

  /**
   * Against what is configured and not against runc 1.1, whose Go runtime raises the soft limit to
   * the hard one at its start, mostly but not always before the configured one is set.
   */
  @Test
  void softLimitsAreThoseOfTheConfigurationOrTheFile() throws IOException {
    String file =
        described(
            """
            "user": {"uid": 1000, "gid": 1000}, "env": ["PATH=/bin"], "cwd": "/",
            "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}]\
            """,
            "ulimit -n");

    assertThat(casemate.run("exec", ID, "sh", "-c", "ulimit -n").mustSucceed().text())
        .isEqualTo("512\n");
    assertThat(casemate.run("exec", "--process", file, ID).mustSucceed().text()).isEqualTo("100\n");
  }

  @Test
  void theProgramIsLookedForInThePathOfTheProcess() {
    mustPrintTheSame("--env", "PATH=/nowhere:/bin", ID, "sh", "-c", "echo $PATH");
    casemate.run("exec", "--env", "PATH=/nowhere", ID, "sh", "-c", "true").mustExit(255);
  }

  @Test
  void aDescribedProcessGetsWhatTheFileSays() throws IOException {
    mustPrintTheSame(
        "--process",
        described(
            """
            "user": {"uid": 1000, "gid": 1000, "additionalGids": [7]},
            "env": ["PATH=/bin", "X=y"],
            "cwd": "/tmp",
            "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}],
            "noNewPrivileges": true,
            "capabilities": {
              "bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"],
              "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]
            }\
            """),
        ID);
  }

  @Test
  void aDescribedProcessGetsTheContainersWhereTheFileSaysNothing() throws IOException {
    mustPrintTheSame(
        "--process",
        described(
            "\"user\": {\"uid\": 4321, \"gid\": 99}, \"env\": [\"PATH=/bin\"], \"cwd\": \"/\""),
        ID);
  }

  @Test
  void aDescribedProcesssUmaskIsKept() throws IOException {
    // runc 1.1 forgets it; the specification and crun do not.
    String file =
        described(
            "\"user\": {\"uid\": 0, \"gid\": 0, \"umask\": 23}, \"env\": [\"PATH=/bin\"], \"cwd\": \"/\"");

    assertThat(casemate.run("exec", "--process", file, ID).mustSucceed().text())
        .contains("\n0027\n");
  }

  private String described(String members) throws IOException {
    return described(members, FACTS.replace("\n", "; "));
  }

  private String described(String members, String script) throws IOException {
    Path file = Files.createTempFile(scratch, "process", ".json");
    Files.writeString(file, "{\"args\": [\"sh\", \"-c\", \"" + script + "\"], " + members + "}");
    return file.toString();
  }

  private void mustPrintTheSame(String... execArguments) {
    String[] arguments = new String[execArguments.length + 1];
    arguments[0] = "exec";
    System.arraycopy(execArguments, 0, arguments, 1, execArguments.length);

    String expected = runc.run(arguments).mustSucceed().text();

    assertThat(casemate.run(arguments).mustSucceed().text()).isEqualTo(expected);
  }
}
