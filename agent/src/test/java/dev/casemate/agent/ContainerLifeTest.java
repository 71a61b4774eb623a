package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.casemate.model.ErrorCode;
import dev.casemate.protocol.AgentServiceClient;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.protocol.agent.CloseOutputRequest;
import dev.casemate.protocol.agent.CloseStdinRequest;
import dev.casemate.protocol.agent.CreateContainerRequest;
import dev.casemate.protocol.agent.ExecProcessRequest;
import dev.casemate.protocol.agent.ExecRequest;
import dev.casemate.protocol.agent.Linux;
import dev.casemate.protocol.agent.LinuxCapabilities;
import dev.casemate.protocol.agent.LinuxNamespace;
import dev.casemate.protocol.agent.ListProcessesRequest;
import dev.casemate.protocol.agent.Mount;
import dev.casemate.protocol.agent.PauseContainerRequest;
import dev.casemate.protocol.agent.Process;
import dev.casemate.protocol.agent.ReadStreamRequest;
import dev.casemate.protocol.agent.RemoveContainerRequest;
import dev.casemate.protocol.agent.ResumeContainerRequest;
import dev.casemate.protocol.agent.Root;
import dev.casemate.protocol.agent.SignalContainerRequest;
import dev.casemate.protocol.agent.SignalProcessRequest;
import dev.casemate.protocol.agent.Spec;
import dev.casemate.protocol.agent.StartContainerRequest;
import dev.casemate.protocol.agent.StatsContainerRequest;
import dev.casemate.protocol.agent.TtyWinResizeRequest;
import dev.casemate.protocol.agent.User;
import dev.casemate.protocol.agent.WaitProcessRequest;
import dev.casemate.protocol.agent.WriteStreamRequest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real containers, made by the real runtime, through the protocol. */
class ContainerLifeTest {
  private static RunningAgent running;
  private static AgentServiceClient agent;

  /** The cgroup file system is the machine's, so ids must differ from those of other runs. */
  private static final String PREFIX = "test-" + ProcessHandle.current().pid() + "-";

  private static int ids;

  @BeforeAll
  static void start() throws Exception {
    Assumptions.assumeTrue(RunningAgent.isPossible(), "crun, busybox or mounts are missing");
    running = RunningAgent.start();
    agent = running.agent();
  }

  @AfterAll
  static void stop() throws Exception {
    if (running != null) {
      running.stop();
    }
  }

  private static Process.Builder process(String... args) {
    return Process.newBuilder()
        .addAllArgs(List.of(args))
        .addEnv("PATH=/bin")
        .setCwd("/")
        .setCapabilities(LinuxCapabilities.newBuilder().addBounding("CAP_KILL"));
  }

  private static String create(Process.Builder process) {
    String id = PREFIX + ids++;
    agent.createContainer(
        CreateContainerRequest.newBuilder().setContainerId(id).setOCI(spec(process)).build());
    return id;
  }

  private static Spec spec(Process.Builder process) {
    return Spec.newBuilder()
        .setVersion("1.1.0")
        .setProcess(process)
        .setRoot(Root.newBuilder().setPath("/run/shared/rootfs"))
        .setHostname("inside")
        .addMounts(Mount.newBuilder().setDestination("/proc").setType("proc").setSource("proc"))
        .addMounts(Mount.newBuilder().setDestination("/dev").setType("tmpfs").setSource("tmpfs"))
        .addMounts(
            Mount.newBuilder()
                .setDestination("/dev/pts")
                .setType("devpts")
                .setSource("devpts")
                .addAllOptions(List.of("newinstance", "ptmxmode=0666", "mode=0620")))
        .setLinux(
            Linux.newBuilder()
                .addNamespaces(LinuxNamespace.newBuilder().setType("uts"))
                .addNamespaces(
                    LinuxNamespace.newBuilder().setType("network").setPath("/proc/1/ns/net")))
        .build();
  }

  private static void begin(String id) {
    agent.startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
  }

  private static int await(String id, String exec) {
    return agent
        .waitProcess(WaitProcessRequest.newBuilder().setContainerId(id).setExecId(exec).build())
        .getStatus();
  }

  private static void remove(String id) {
    agent.removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
  }

  private static byte[] readAll(String id, String exec, boolean errors) {
    ReadStreamRequest request =
        ReadStreamRequest.newBuilder().setContainerId(id).setExecId(exec).setLen(1 << 20).build();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      ByteString data = (errors ? agent.readStderr(request) : agent.readStdout(request)).getData();
      if (data.isEmpty()) {
        return all.toByteArray();
      }
      all.writeBytes(data.toByteArray());
    }
  }

  private static String text(String id, String exec) {
    return new String(readAll(id, exec, false), StandardCharsets.UTF_8);
  }

  private static void exec(String id, String exec, Process.Builder process) {
    agent.execProcess(
        ExecProcessRequest.newBuilder()
            .setContainerId(id)
            .setExecId(exec)
            .setProcess(process)
            .build());
  }

  @Test
  void bothOutputsAreReadableAfterTheEnd() {
    String id = create(process("sh", "-c", "echo out; echo err >&2; hostname; exit 7"));
    begin(id);
    assertThat(await(id, "")).as(running.log()).isEqualTo(7);
    assertThat(text(id, "")).isEqualTo("out\ninside\n");
    assertThat(new String(readAll(id, "", true), StandardCharsets.UTF_8)).isEqualTo("err\n");
    assertThat(await(id, "")).isEqualTo(7);
    assertThat(text(id, "")).isEmpty();
    remove(id);
  }

  @Test
  void inputReachesTheProcessUntilItIsClosed() {
    String id = create(process("cat"));
    begin(id);
    agent.writeStdin(
        WriteStreamRequest.newBuilder()
            .setContainerId(id)
            .setData(ByteString.copyFromUtf8("hello "))
            .build());
    agent.writeStdin(
        WriteStreamRequest.newBuilder()
            .setContainerId(id)
            .setData(ByteString.copyFromUtf8("there"))
            .build());
    agent.closeStdin(CloseStdinRequest.newBuilder().setContainerId(id).build());
    assertThat(text(id, "")).isEqualTo("hello there");
    assertThat(await(id, "")).isZero();
    remove(id);
  }

  @Test
  void nothingOfMuchOutputIsLost() {
    String id = create(process("dd", "if=/dev/zero", "bs=65536", "count=256"));
    begin(id);
    byte[] all = readAll(id, "", false);
    assertThat(all).hasSize(16 << 20);
    assertThat(await(id, "")).isZero();
    remove(id);
  }

  @Test
  void aReaderThatStaysAwayStopsNobodyElse() {
    String silent = create(process("dd", "if=/dev/zero", "bs=65536", "count=64"));
    begin(silent);
    String other = create(process("echo", "here"));
    begin(other);
    assertThat(text(other, "")).isEqualTo("here\n");
    assertThat(await(other, "")).isZero();
    remove(other);
    remove(silent);
  }

  @Test
  void manyProcessesRunAtOnceAndEachCodeIsItsOwn() throws Exception {
    String id = create(process("sleep", "1000"));
    begin(id);
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      List<Future<Integer>> codes = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        String exec = "e" + i;
        int code = i;
        Callable<Integer> run =
            () -> {
              exec(id, exec, process("sh", "-c", "echo " + code + "; exit " + code));
              assertThat(text(id, exec)).isEqualTo(code + "\n");
              return await(id, exec);
            };
        codes.add(pool.submit(run));
      }
      for (int i = 0; i < codes.size(); i++) {
        assertThat(codes.get(i).get()).isEqualTo(i);
      }
    }
    remove(id);
  }

  @Test
  void aProgramThatIsMissingIsToldApart() {
    TtrpcException missing =
        catchThrowableOfType(TtrpcException.class, () -> create(process("no-such-program")));
    assertThat(missing.errorCode()).contains(ErrorCode.EXEC_FAILED);
    assertThat(missing).hasMessageContaining("executable file not found in $PATH");
    String id = create(process("sleep", "1000"));
    begin(id);
    TtrpcException denied =
        catchThrowableOfType(TtrpcException.class, () -> exec(id, "x", process("/etc")));
    assertThat(denied.errorCode()).contains(ErrorCode.EXEC_FAILED);
    assertThat(denied).hasMessageContaining("permission denied");
    TtrpcException empty =
        catchThrowableOfType(TtrpcException.class, () -> exec(id, "x", process("")));
    assertThat(empty.errorCode()).contains(ErrorCode.EXEC_FAILED);
    assertThat(empty).hasMessageContaining("exec: \"\": executable file not found in $PATH");
    TtrpcException nowhere =
        catchThrowableOfType(
            TtrpcException.class, () -> exec(id, "x", process("true").setCwd("/no/where")));
    assertThat(nowhere.errorCode()).contains(ErrorCode.INVALID_ARGUMENT);
    assertThat(nowhere)
        .hasMessageContaining(
            "chdir to cwd (\"/no/where\") set in config.json failed: no such file or directory");
    remove(id);
  }

  @Test
  void aTerminalHasASizeAndEndsWithItsProcess() {
    String id = create(process("sh", "-c", "read x; stty size").setTerminal(true));
    begin(id);
    agent.ttyWinResize(
        TtyWinResizeRequest.newBuilder().setContainerId(id).setRow(33).setColumn(77).build());
    agent.writeStdin(
        WriteStreamRequest.newBuilder()
            .setContainerId(id)
            .setData(ByteString.copyFromUtf8("go\n"))
            .build());
    assertThat(text(id, "")).contains("33 77");
    assertThat(await(id, "")).isZero();
    remove(id);
  }

  @Test
  void aTerminalThatIsHungUpGivesItsReadersTheEnd() throws Exception {
    String id = create(process("sh", "-c", "echo up; read x; exit 5").setTerminal(true));
    begin(id);
    try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
      Future<String> shown = pool.submit(() -> text(id, ""));
      running.casemate().closeOutput(CloseOutputRequest.newBuilder().setContainerId(id).build());
      assertThat(shown.get()).isIn("", "up\r\n");
    }
    assertThat(await(id, "")).isEqualTo(5);
    remove(id);
  }

  @Test
  void killEndsAllProcesses() {
    String id = create(process("sleep", "1000"));
    begin(id);
    exec(id, "more", process("sleep", "1000"));
    agent.signalProcess(SignalProcessRequest.newBuilder().setContainerId(id).setSignal(9).build());
    assertThat(await(id, "")).isEqualTo(137);
    assertThat(await(id, "more")).isEqualTo(137);
    remove(id);
  }

  @Test
  void aFirstProcessThatDoesNotHandleTermLivesOn() {
    String id = create(process("sh", "-c", "cat; exit 4"));
    begin(id);
    agent.signalProcess(SignalProcessRequest.newBuilder().setContainerId(id).setSignal(15).build());
    exec(id, "term", process("kill", "-TERM", "1"));
    assertThat(await(id, "term")).isZero();
    agent.closeStdin(CloseStdinRequest.newBuilder().setContainerId(id).build());
    assertThat(await(id, "")).isEqualTo(4);
    remove(id);
  }

  @Test
  void aUserWhomNobodyKnowsIsAtHomeInTheRoot() {
    Process.Builder stranger =
        process("sh", "-c", "echo $HOME; read x").setUser(User.newBuilder().setUID(4321));
    String first = create(stranger);
    begin(first);
    exec(first, "known", process("sh", "-c", "echo $HOME"));
    exec(first, "named", process("sh", "-c", "echo $HOME").addEnv("HOME=/there"));
    exec(first, "stranger", stranger);
    assertThat(text(first, "known")).isEqualTo("/root\n");
    assertThat(text(first, "named")).isEqualTo("/there\n");
    for (String each : List.of("stranger", "")) {
      agent.closeStdin(
          CloseStdinRequest.newBuilder().setContainerId(first).setExecId(each).build());
      assertThat(text(first, each)).as(each).isEqualTo("/\n");
    }
    remove(first);
  }

  @Test
  void aFurtherProcessHasTheContainersOomScoreAndItsOwnUmask() {
    Process.Builder cat = process("sh", "-c", "cat /proc/self/oom_score_adj; umask; read x");
    String id = create(cat.setOOMScoreAdj(321));
    begin(id);
    running
        .casemate()
        .execProcess(
            ExecRequest.newBuilder()
                .setProcess(
                    ExecProcessRequest.newBuilder()
                        .setContainerId(id)
                        .setExecId("x")
                        .setProcess(cat.setOOMScoreAdj(0)))
                .setRemainder("{\"process\": {\"user\": {\"umask\": 23}}}")
                .build());
    agent.closeStdin(CloseStdinRequest.newBuilder().setContainerId(id).setExecId("x").build());
    assertThat(text(id, "x")).isEqualTo("321\n0027\n");
    remove(id);
  }

  @Test
  void aSignalReachesEveryProcess() {
    String id =
        create(process("sh", "-c", "trap 'exit 3' TERM; echo up; while :; do sleep 1; done"));
    begin(id);
    assertThat(
            agent
                .readStdout(ReadStreamRequest.newBuilder().setContainerId(id).setLen(16).build())
                .getData()
                .toStringUtf8())
        .isEqualTo("up\n");
    exec(id, "more", process("sleep", "1000"));
    running
        .casemate()
        .signalContainer(
            SignalContainerRequest.newBuilder().setContainerId(id).setSignal(15).build());
    assertThat(await(id, "")).isEqualTo(3);
    assertThat(await(id, "more")).isIn(143, 137);
    remove(id);
  }

  @Test
  void aContainerTakesExecsBeforeItsStart() {
    String id = create(process("sh", "-c", "exit 7"));
    exec(id, "early", process("echo", "early"));
    assertThat(text(id, "early")).isEqualTo("early\n");
    assertThat(await(id, "early")).isZero();
    begin(id);
    assertThat(await(id, "")).isEqualTo(7);
    remove(id);
  }

  @Test
  void aPausedContainerStandsStillAndTakesNoExec() {
    String id = create(process("sleep", "1000"));
    begin(id);
    agent.pauseContainer(PauseContainerRequest.newBuilder().setContainerId(id).build());
    TtrpcException refused =
        catchThrowableOfType(TtrpcException.class, () -> exec(id, "x", process("true")));
    assertThat(refused.errorCode()).contains(ErrorCode.WRONG_STATE);
    agent.resumeContainer(ResumeContainerRequest.newBuilder().setContainerId(id).build());
    exec(id, "x", process("true"));
    assertThat(await(id, "x")).isZero();
    assertThat(
            running
                .casemate()
                .listProcesses(ListProcessesRequest.newBuilder().setContainerId(id).build())
                .getProcesses(0)
                .getArgumentsList())
        .containsExactly("sleep", "1000");
    assertThat(
            agent
                .statsContainer(StatsContainerRequest.newBuilder().setContainerId(id).build())
                .getCgroupStats()
                .getCpuStats()
                .getCpuUsage()
                .getTotalUsage())
        .isPositive();
    remove(id);
  }

  @Test
  void idsAreUniqueWhileTheyAreInUse() {
    String id = create(process("sleep", "1000"));
    ids--;
    TtrpcException taken =
        catchThrowableOfType(TtrpcException.class, () -> create(process("true")));
    assertThat(taken.errorCode()).contains(ErrorCode.ALREADY_EXISTS);
    remove(id);
    TtrpcException gone = catchThrowableOfType(TtrpcException.class, () -> remove(id));
    assertThat(gone.errorCode()).contains(ErrorCode.NOT_FOUND);
    assertThat(create(process("true"))).isNotNull();
    remove(PREFIX + (ids - 1));
  }
}
