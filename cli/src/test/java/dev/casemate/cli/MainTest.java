package dev.casemate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.core.GuestProcessInfo;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonWriter;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Spec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private final FakeContainers host = new FakeContainers();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String input = "";
  @TempDir Path directory = Path.of("");

  @BeforeEach
  void addContainers() {
    host.add("created", ContainerStatus.CREATED);
    host.add("running", ContainerStatus.RUNNING);
    host.add("paused", ContainerStatus.PAUSED);
    host.add("stopped", ContainerStatus.STOPPED);
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    return Main.run(
        args,
        new Output(out, err),
        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
        Map.of(),
        (root, environment) -> host);
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private Path bundle(boolean terminal) throws IOException {
    Spec spec = StartingSpec.forBundles();
    ProcessSpec process = spec.process();
    spec = spec.withProcess(process.withCommand(process.args(), process.env(), terminal));
    Files.writeString(directory.resolve("config.json"), JsonWriter.pretty(spec.toJson()));
    return directory;
  }

  @Test
  void stateHasTheMembersAndTheLayoutOfRunc() {
    assertThat(run("state", "running")).isZero();
    assertThat(output())
        .isEqualTo(
            """
            {
              "ociVersion": "1.2.1",
              "id": "running",
              "pid": 4711,
              "status": "running",
              "bundle": "/bundles/running",
              "rootfs": "/bundles/running/rootfs",
              "created": "2026-11-27T09:34:50.208808159Z",
              "owner": ""
            }\
            """);
    run("state", "stopped");
    assertThat(output()).contains("\"pid\": 0,");
  }

  @Test
  void listHasTheShapesOfRunc() {
    assertThat(run("list")).isZero();
    assertThat(output().lines().toList())
        .startsWith(
            "ID          PID         STATUS      BUNDLE             CREATED                    "
                + "      OWNER",
            "created     4711        created     /bundles/created   "
                + "2026-11-27T09:34:50.208808159Z   root");
    run("list", "-q");
    assertThat(output()).isEqualTo("created\nrunning\npaused\nstopped\n");
    run("list", "-f", "json");
    assertThat(output()).startsWith("[{\"ociVersion\":\"1.2.1\",\"id\":\"created\",\"pid\":4711");
    host.containers.clear();
    run("list", "-f", "json");
    assertThat(output()).isEqualTo("null\n");
    run("list");
    assertThat(output())
        .isEqualTo("ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"state", "start", "kill", "delete", "pause", "resume", "ps", "update"})
  void aMissingContainerIsOneAndSaysWhatEnginesLookFor(String verb) {
    assertThat(run(verb, "missing")).isEqualTo(1);
    assertThat(errors())
        .matches(
            "time=\"[-0-9]{10}T[:0-9]{8}Z\" level=error msg=\".*container does not exist.*\""
                + " code=NOT_FOUND\n");
    assertThat(output()).isEmpty();
  }

  @Test
  void exitCodesThatDiffer() {
    assertThat(run("exec", "missing", "ls")).isEqualTo(255);
    assertThat(errors()).contains("container does not exist");
    assertThat(run("delete", "--force", "missing")).isZero();
    assertThat(run("exec", "stopped", "ls")).isEqualTo(255);
    assertThat(run("exec", "--nonsense")).isEqualTo(1);
    assertThat(run("nonsense")).isEqualTo(3);
    assertThat(run()).isZero();
    assertThat(output()).startsWith("NAME:");
  }

  @Test
  void withALogFileTheLineGoesThereAndTheMessageToStandardError() throws IOException {
    Path log = directory.resolve("log.json");
    run("--log", log.toString(), "--log-format", "json", "state", "missing");
    String message = "cannot find container missing: container does not exist";
    assertThat(errors()).isEqualTo(message + " [NOT_FOUND]\n");
    JsonObject line = Json.parseObject(Files.readString(log).strip(), "log line", JsonLimits.SMALL);
    assertThat(line.members().keySet()).containsExactly("code", "level", "msg", "time");
    assertThat(Objects.requireNonNull(line.get("code")).toJson()).isEqualTo("\"NOT_FOUND\"");
    assertThat(Objects.requireNonNull(line.get("level")).toJson()).isEqualTo("\"error\"");
    assertThat(Objects.requireNonNull(line.get("msg")).toJson()).isEqualTo("\"" + message + "\"");
    run("--log", log.toString(), "--log-format", "json", "state", "--nonsense");
    assertThat(Files.readAllLines(log)).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "TERM, 15",
    "SIGKILL, 9",
    "hup, 1",
    "9, 9",
    "0, 0",
    "64, 64",
    "RTMIN+1, 35",
    "SIGRTMAX, 64"
  })
  void signalsHaveNamesAndNumbers(String text, int number) {
    assertThat(run("kill", "running", text)).isZero();
    assertThat(host.calls).containsExactly("kill running " + number);
  }

  @Test
  void killKnowsItsDefaultsAndLimits() {
    run("kill", "running");
    run("kill", "--all", "running", "KILL");
    assertThat(host.calls).containsExactly("kill running 15", "kill running 9 all");
    assertThat(run("kill", "running", "65")).isEqualTo(1);
    assertThat(run("kill", "running", "0x9")).isEqualTo(1);
    assertThat(errors()).contains("unknown signal \\\"0x9\\\"");
    assertThat(run("kill", "stopped", "9")).isEqualTo(1);
    assertThat(errors()).contains("container not running");
    assertThat(run("kill", "--all", "stopped", "9")).isZero();
  }

  @Test
  void verbsAreRefusedInTheWrongState() {
    assertThat(run("start", "running")).isEqualTo(1);
    assertThat(run("pause", "stopped")).isEqualTo(1);
    assertThat(run("resume", "running")).isEqualTo(1);
    assertThat(errors()).contains("container not paused");
    assertThat(run("exec", "paused", "ls")).isEqualTo(255);
    assertThat(host.calls).isEmpty();
    assertThat(run("start", "created")).isZero();
    assertThat(run("pause", "running")).isZero();
    assertThat(run("resume", "paused")).isZero();
    assertThat(host.calls).containsExactly("start created", "pause running", "resume paused");
  }

  @Test
  void createWritesThePidOfItsChild() throws IOException {
    Path pidFile = directory.resolve("pid");
    assertThat(
            run("create", "-b", bundle(false).toString(), "--pid-file", pidFile.toString(), "new"))
        .as(errors())
        .isZero();
    assertThat(host.calls).containsExactly("create new " + directory, "close");
    assertThat(Files.readString(pidFile)).matches("[1-9][0-9]*");
    assertThat(directory.resolve(".pid")).doesNotExist();
  }

  @Test
  void createThatCannotTellItsPidLeavesNothing() throws IOException {
    assertThat(run("create", "-b", bundle(false).toString(), "--pid-file", "/no/such/pid", "new"))
        .isEqualTo(1);
    assertThat(host.calls).contains("delete new force");
  }

  @Test
  void aTerminalNeedsASocketAndASocketATerminal() throws IOException {
    assertThat(run("create", "-b", bundle(true).toString(), "new")).isEqualTo(1);
    assertThat(errors()).contains("without setting console socket");
    assertThat(run("create", "-b", bundle(false).toString(), "--console-socket", "/s", "new"))
        .isEqualTo(1);
    assertThat(host.calls).isEmpty();
  }

  @Test
  void badBundlesAreRefusedBeforeAnythingIsTouched() throws IOException {
    assertThat(run("create", "-b", directory + "/none", "new")).isEqualTo(1);
    assertThat(errors()).contains("there is no such directory");
    assertThat(run("create", "-b", directory.toString(), "new")).isEqualTo(1);
    assertThat(errors()).contains("config.json does not exist");
    Files.write(directory.resolve("config.json"), new byte[JsonLimits.OCI.bytes() + 1]);
    assertThat(run("create", "-b", directory.toString(), "new")).isEqualTo(1);
    assertThat(errors()).contains("larger than");
    Files.writeString(directory.resolve("config.json"), "{\"ociVersion\":\"2.0.0\"}");
    assertThat(run("run", "-b", directory.toString(), "new")).isEqualTo(1);
    assertThat(errors()).contains("ociVersion");
    assertThat(host.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 137, 255})
  void runEndsWithTheContainersStatusAndDeletesIt(int code) throws IOException {
    host.exitCode = code;
    assertThat(run("run", "-b", bundle(false).toString(), "new")).isEqualTo(code);
    assertThat(host.calls)
        .containsExactly("create new " + directory, "close", "start new", "delete new force");
  }

  @Test
  void runKeepsAndDetachesWhenAsked() throws IOException {
    host.exitCode = 3;
    assertThat(run("run", "--keep", "-b", bundle(false).toString(), "kept")).isEqualTo(3);
    assertThat(run("run", "-d", "-b", bundle(false).toString(), "loose")).isZero();
    assertThat(host.containers).containsKeys("kept", "loose");
  }

  @Test
  void execEndsWithTheProcessesStatus() throws IOException {
    host.exitCode = 7;
    Path file = directory.resolve("process.json");
    Files.writeString(file, "{\"args\":[\"ls\"],\"cwd\":\"/\",\"env\":[\"A=1\"]}");
    assertThat(run("exec", "-p", file.toString(), "running")).as(errors()).isEqualTo(7);
    assertThat(host.executed.orElseThrow().args()).containsExactly("ls");
  }

  @Test
  void execChangesTheContainersOwnProcess() throws IOException {
    ContainerView running = Objects.requireNonNull(host.containers.get("running"));
    host.containers.put(
        "running",
        new ContainerView(
            running.id(),
            running.pid(),
            running.status(),
            bundle(true).toString(),
            running.rootfs(),
            running.created(),
            0,
            Map.of(),
            Optional.empty()));
    assertThat(
            run(
                "exec",
                "-e",
                "B=2",
                "-u",
                "5:6",
                "-g",
                "7",
                "--cwd",
                "/tmp",
                "-c",
                "CAP_SYS_TIME",
                "running",
                "echo",
                "-n",
                "hi"))
        .as(errors())
        .isZero();
    ProcessSpec process = host.executed.orElseThrow();
    assertThat(process.args()).containsExactly("echo", "-n", "hi");
    assertThat(process.env()).contains("B=2", "TERM=xterm");
    assertThat(process.terminal()).isFalse();
    assertThat(process.cwd()).isEqualTo("/tmp");
    assertThat(process.user().uid()).isEqualTo(5);
    assertThat(process.user().gid()).isEqualTo(6);
    assertThat(process.user().additionalGids()).containsExactly(7L);
    assertThat(Objects.requireNonNull(process.capabilities()).effective()).contains("CAP_SYS_TIME");
    assertThat(run("exec", "-u", "nobody", "running", "ls")).isEqualTo(255);
    assertThat(run("exec", "--apparmor", "p", "running", "ls")).isEqualTo(255);
  }

  @Test
  void whatCannotBeIsRefusedByName() throws IOException {
    String bundle = bundle(false).toString();
    assertThat(run("create", "--preserve-fds", "2", "-b", bundle, "new")).isEqualTo(1);
    assertThat(errors()).contains("--preserve-fds").contains("cannot enter a virtual machine");
    assertThat(run("create", "--preserve-fds", "0", "-b", bundle, "new")).isZero();
    assertThat(run("checkpoint", "--image-path", "/x", "running")).isEqualTo(1);
    assertThat(errors()).contains("checkpoint");
    assertThat(run("restore", "running")).isEqualTo(1);
    assertThat(run("--rootless=true", "list")).isEqualTo(1);
    assertThat(run("update", "--l3-cache-schema", "x", "running")).isEqualTo(1);
    assertThat(run("spec", "--rootless")).isEqualTo(1);
    assertThat(run("run", "--memory", "5m", "new")).isEqualTo(1);
    assertThat(errors()).contains("--memory needs --image");
  }

  @Test
  void updateReadsFlagsAndDocuments() {
    assertThat(
            run(
                "update",
                "--memory",
                "64m",
                "--memory-swap",
                "-1",
                "--cpu-quota",
                "5000",
                "--pids-limit",
                "10",
                "running"))
        .as(errors())
        .isZero();
    assertThat(host.updated.toJson().toJson())
        .isEqualTo(
            "{\"memory\":{\"limit\":67108864,\"swap\":-1},\"cpu\":{\"quota\":5000},"
                + "\"pids\":{\"limit\":10}}");
    input = "{\"memory\":{\"limit\":1048576}}";
    assertThat(run("update", "--resources=-", "running")).isZero();
    assertThat(host.updated.toJson().toJson()).isEqualTo("{\"memory\":{\"limit\":1048576}}");
    host.notes = List.of("rdma is not used");
    assertThat(run("update", "-r", "-", "running")).isZero();
    assertThat(errors()).contains("level=warning", "rdma is not used");
    input = "{\"memory\":";
    assertThat(run("update", "-r", "-", "running")).isEqualTo(1);
    assertThat(run("update", "--blkio-weight", "5", "running")).isEqualTo(1);
  }

  @Test
  void eventsTellOfEveryLackOfMemory() {
    host.memoryEvents = 2;
    assertThat(run("events", "--interval", "10ms", "running")).isZero();
    assertThat(output().lines())
        .filteredOn(line -> line.contains("oom"))
        .containsExactly(
            "{\"type\":\"oom\",\"id\":\"running\"}", "{\"type\":\"oom\",\"id\":\"running\"}");
  }

  @Test
  void psPrintsHostPidsForEnginesAndGuestProcessesForPeople() {
    host.processes =
        new ProcessList(
            List.of(new GuestProcessInfo(1, 0, 0, "S", Duration.ofSeconds(3725), "sh \u001b[31m")),
            List.of(4711L, 4712L));
    assertThat(run("ps", "-f", "json", "running")).isZero();
    assertThat(output()).isEqualTo("[4711,4712]\n");
    run("ps", "running", "-ef");
    assertThat(output()).contains("01:02:05").contains("sh ?[31m");
    assertThat(run("ps", "stopped")).isEqualTo(1);
  }

  @Test
  void eventsHaveRuncsMembers() {
    host.stats =
        JsonObject.builder().put("pids", JsonObject.builder().put("current", 3).build()).build();
    assertThat(run("events", "--stats", "running")).isZero();
    JsonObject event = Json.parseObject(output(), "event", JsonLimits.SMALL);
    assertThat(event.members().keySet()).containsExactly("type", "id", "data");
    assertThat(((JsonObject) Objects.requireNonNull(event.get("data"))).members().keySet())
        .containsExactly(
            "cpu",
            "cpuset",
            "memory",
            "pids",
            "blkio",
            "hugetlb",
            "intel_rdt",
            "network_interfaces");
    assertThat(output()).contains("\"pids\":{\"current\":3}");
    assertThat(run("events", "--stats", "stopped")).isEqualTo(1);
    assertThat(run("events", "--interval", "0s", "running")).isEqualTo(1);
  }

  @Test
  void specWritesWhatCanBeRead() throws IOException {
    assertThat(run("spec", "-b", directory.toString())).isZero();
    Spec spec = Spec.parse(Files.readAllBytes(directory.resolve("config.json")));
    assertThat(spec.process().args()).containsExactly("sh");
    assertThat(spec.root().readonly()).isTrue();
    assertThat(run("spec", "-b", directory.toString())).isEqualTo(1);
    assertThat(errors()).contains("exists");
  }

  @Test
  void featuresIsADocument() {
    assertThat(run("features")).isZero();
    JsonObject features = Json.parseObject(output(), "features", JsonLimits.SMALL);
    assertThat(features.members().keySet())
        .contains("ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux");
  }

  @Test
  void versionHasRuncsLines() {
    assertThat(run("--version")).isZero();
    assertThat(output().lines().toList())
        .satisfiesExactly(
            line -> assertThat(line).matches("casemate version [0-9].*"),
            line -> assertThat(line).startsWith("commit: "),
            line -> assertThat(line).matches("spec: 1\\.2\\.[0-9]+"),
            line -> assertThat(line).startsWith("java: "));
  }

  @Test
  void anInstallationKnowsTheCommitThatItWasBuiltFrom() throws Exception {
    Files.writeString(directory.resolve("version"), "9.8.7\n0123abc-dirty\n");
    System.setProperty("casemate.home", directory.toString());
    try {
      assertThat(run("--version")).isZero();
      assertThat(output()).startsWith("casemate version 9.8.7\ncommit: 0123abc-dirty\nspec: ");
    } finally {
      System.clearProperty("casemate.home");
    }
  }

  @Test
  void helpForOneVerbIsTheSameOnAllWays() {
    run("help", "kill");
    String help = output();
    run("kill", "--help");
    assertThat(output()).isEqualTo(help).contains("--all, -a");
    assertThat(run("help", "nonsense")).isEqualTo(1);
  }
}
