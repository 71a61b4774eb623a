package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Processes;
import dev.casemate.linux.TerminalPair;
import dev.casemate.testkit.Await;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.ContainerEngine;
import dev.casemate.testkit.RunningCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/**
 * What somebody does with a container engine and one runtime, and what there is to be seen of it:
 * exit codes, states, and the output of programs, to be compared with what there is to be seen with
 * another runtime. Only the words of the runtimes themselves are their own. Used by one thread.
 */
final class EngineSession {
  /** The image, which the engine has loaded. */
  static final String IMAGE = "localhost/box:1";

  /** The container's name. */
  static final String NAME = "box";

  /** Runs until it is told to end, and answers to one signal before. */
  private static final String PATIENT =
      """
      trap 'echo bye; exit 5' TERM
      trap 'echo heard' USR1
      echo started
      echo problem >&2
      while :; do sleep 0.1; done
      """;

  /** Looks at all that the options of {@link #aLife} say. Control groups are of either version. */
  private static final String LOOK =
      """
      hostname; pwd; echo $COLOUR; id -u; cat /etc/hostname; cat /proc/1/comm
      cat /shared/in; echo written >/shared/out; echo kept >/kept/file
      echo no >/seen/x; echo no >/x
      df -k /fast | tail -1 | awk '{print $2}'
      ulimit -n; ulimit -Hn
      grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status
      cd /sys/fs/cgroup
      cat cpu.max cpu/cpu.cfs_quota_us 2>/dev/null | cut -d ' ' -f 1
      cat pids.max pids/pids.max 2>/dev/null
      ls -l /dev/nothing | cut -c 1; cat /dev/nothing
      """;

  private static final String MEMORY_LIMIT =
      "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; :";

  private final ContainerEngine engine;
  private final String runtime;
  private final Path files;
  private final List<String> seen = new ArrayList<>();

  /**
   * Begins.
   *
   * @param files a directory for what containers share with the host, which need not exist
   */
  EngineSession(ContainerEngine engine, String runtime, Path files) {
    this.engine = engine;
    this.runtime = runtime;
    this.files = files;
  }

  /** What works alike with every engine and runtime. */
  static Stream<Named<Consumer<EngineSession>>> deeds() {
    return Stream.of(
        Named.of("a life", EngineSession::aLife),
        Named.of("what cannot be run", EngineSession::whatCannotBeRun),
        Named.of("a container that is attached to", EngineSession::aContainerThatIsAttachedTo),
        Named.of("a shell on a terminal", EngineSession::aShellOnATerminal));
  }

  /** What was seen so far, in order. */
  List<String> seen() {
    return List.copyOf(seen);
  }

  private CommandResult code(CommandResult result) {
    seen.add(tail(result) + " exited with " + result.exitCode());
    return result;
  }

  private CommandResult output(CommandResult result) {
    seen.add(tail(code(result)) + " printed " + result.text() + result.errors());
    return result;
  }

  /** A command without what differs between runtimes. */
  private String tail(CommandResult result) {
    return String.join(" ", result.command())
        .replaceFirst(".* (?=" + NAME + "\\b)", "… ")
        .replace(files.toString(), "FILES");
  }

  /** The words that make the container, without a network. */
  private String[] box(String verb, String... arguments) {
    String[] always = {"--name", NAME, "--network", "none"};
    return engine.on(
        runtime,
        verb,
        Stream.concat(Stream.of(always), Stream.of(arguments)).toArray(String[]::new));
  }

  private CommandResult exec(String script) {
    return engine.run("exec", NAME, "sh", "-c", script);
  }

  /** What the engine says of the container. */
  String state() {
    return engine
        .run(
            "inspect",
            "--format",
            "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Error}}",
            NAME)
        .mustSucceed()
        .text()
        .strip();
  }

  private void awaitState(String state) {
    Await.until("the container is " + state, () -> state().startsWith(state));
    seen.add(state());
  }

  /** Removes the container, if it is there. */
  void remove() {
    engine.run("rm", "--force", "--volumes", NAME);
  }

  /** A container with many options, from its making to its removal, with all that is done to it. */
  void aLife() {
    write("shared/in", "given\n");
    write("seen/file", "");
    code(engine.run(box("run", optionsOfALife())));
    seen.add(state());
    output(exec(LOOK));
    seen.add(read("shared/out"));
    commandsInside();
    code(engine.run("top", NAME));
    assertThat(statistics()).doesNotContain("0B /");
    pauseAndUpdate();
    signals();
    code(engine.run("start", NAME));
    awaitState("running");
    output(exec("cat /kept/file"));
    code(engine.run("kill", NAME));
    awaitState("exited");
    code(engine.run("rm", "--volumes", NAME));
  }

  private String[] optionsOfALife() {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--detach", "--init", "--hostname", "workshop"));
    options.addAll(List.of("--workdir", "/var", "--env", "COLOUR=blue"));
    options.addAll(List.of("--volume", files.resolve("shared") + ":/shared"));
    options.addAll(
        List.of("--mount", "type=bind,source=" + files.resolve("seen") + ",target=/seen,readonly"));
    options.addAll(List.of("--mount", "type=volume,target=/kept", "--tmpfs", "/fast:size=1m"));
    options.addAll(List.of("--memory", "64m", "--cpus", "1.5", "--pids-limit", "50"));
    options.addAll(List.of("--cap-drop", "ALL", "--cap-add", "KILL"));
    options.addAll(List.of("--security-opt", "no-new-privileges", "--ulimit", "nofile=600:600"));
    options.addAll(List.of("--ulimit", "nproc=4096:4096"));
    options.addAll(List.of("--device", "/dev/null:/dev/nothing", "--read-only"));
    options.addAll(List.of(IMAGE, "sh", "-c", PATIENT));
    return options.toArray(String[]::new);
  }

  private void commandsInside() {
    code(exec("exit 41"));
    CommandResult missing = code(engine.run("exec", NAME, "nosuchprogram"));
    assertThat(missing.text() + missing.errors()).contains("nosuchprogram");
    code(engine.run("exec", NAME, "/etc"));
    code(engine.run("exec", "--workdir", "/no/where", NAME, "true"));
    String look = "id -u; id -g; pwd; echo $A $HOME";
    List<String> asUser = new ArrayList<>(List.of("exec", "--user", "1000:1000"));
    asUser.addAll(List.of("--workdir", "/tmp", "--env", "A=b", NAME, "sh", "-c", look));
    output(engine.run(asUser.toArray(String[]::new)));
    byte[] typed = "typed\n".getBytes(StandardCharsets.UTF_8);
    output(engine.runWithInput(typed, "exec", "--interactive", NAME, "cat"));
    code(engine.run("exec", "--detach", NAME, "sh", "-c", "echo done >/shared/detached"));
    Await.until("it was done", () -> Files.exists(files.resolve("shared/detached")));
  }

  private String statistics() {
    return engine
        .run("stats", "--no-stream", "--format", "{{.MemUsage}}", NAME)
        .mustSucceed()
        .text();
  }

  private void pauseAndUpdate() {
    code(engine.run("pause", NAME));
    seen.add(state());
    code(engine.run("exec", NAME, "true"));
    code(engine.run("unpause", NAME));
    seen.add(state());
    output(exec(MEMORY_LIMIT));
    code(engine.run("update", "--memory", "128m", "--memory-swap", "256m", NAME));
    output(exec(MEMORY_LIMIT));
  }

  private void signals() {
    code(engine.run("kill", "--signal", "USR1", NAME));
    Await.until("it has heard", () -> engine.run("logs", NAME).text().contains("heard"));
    code(engine.run("stop", NAME));
    awaitState("exited");
    output(engine.run("logs", NAME));
  }

  /** Programs that cannot be run, each in a container of its own. */
  void whatCannotBeRun() {
    for (String program : List.of("nosuchprogram", "/etc")) {
      CommandResult result = code(engine.run(box("run", IMAGE, program)));
      assertThat(result.errors()).contains(program);
      remove();
    }
  }

  /** A program that needs more memory than it may have. */
  void aLackOfMemory() {
    code(engine.run(box("run", "--memory", "32m", IMAGE, "tail", "/dev/zero")));
    awaitState("exited");
    remove();
  }

  /** A container that is made, and then started before everybody's eyes. */
  void aContainerThatIsAttachedTo() {
    String script = "echo out; echo err >&2; exit 3";
    code(engine.run(box("create", IMAGE, "sh", "-c", script)));
    output(engine.run("start", "--attach", NAME));
    awaitState("exited");
    remove();
  }

  /** A shell on a terminal, and a second one beside it. */
  void aShellOnATerminal() {
    Processes.setChildSubreaper(true);
    try (TerminalPair pair = TerminalPair.open();
        TerminalPair other = TerminalPair.open()) {
      Screen screen = new Screen(pair.master());
      screen.resize(100, 40);
      int first = onTerminal(pair, box("run", "-it", IMAGE, "sh"));
      useShell(screen);
      Screen second = new Screen(other.master());
      second.resize(100, 40);
      int further = onTerminal(other, "exec", "-it", NAME, "sh");
      useShell(second);
      second.type("exit 9\n");
      seen.add("the second shell ended with " + Processes.reap(further).status());
      screen.type("exit 7\n");
      seen.add("the shell ended with " + Processes.reap(first).status());
    } finally {
      Processes.setChildSubreaper(false);
    }
    awaitState("exited");
    remove();
  }

  private static void useShell(Screen screen) {
    screen.await("# ");
    screen.type("until [ \"$(stty size)\" = '40 100' ]; do sleep 0.1; done; echo as lar\\ge\n");
    screen.await("as large\r\n");
    screen.resize(77, 33);
    screen.type("until [ \"$(stty size)\" = '33 77' ]; do sleep 0.1; done; echo smal\\ler\n");
    screen.await("smaller\r\n");
    screen.type(
        "sh -c 'trap \"exit 5\" INT; ech\\o go; while :; do sleep 0.1; done'; echo is $?\n");
    screen.await("go\r\n");
    screen.type("\3");
    screen.await("is 5\r\n");
  }

  private int onTerminal(TerminalPair terminal, String... arguments) {
    return ChildCommand.of(engine.command(arguments))
        .withEnvironment(
            Map.of(
                "PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "TERM", "xterm", "HOME", files.toString()))
        .withTerminal(terminal.slavePath())
        .start();
  }

  private void write(String file, String text) {
    try {
      Path path = files.resolve(file);
      Files.createDirectories(Objects.requireNonNull(path.getParent()));
      Files.writeString(path, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String read(String file) {
    try {
      return Files.readString(files.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins what runs until it is told to end. */
  void begin() {
    engine.run(box("run", "--detach", IMAGE, "sh", "-c", PATIENT)).mustSucceed();
  }

  /** Kills the machine of the container. */
  void killMachine() {
    String id = engine.run("inspect", "--format", "{{.Id}}", NAME).mustSucceed().text().strip();
    ProcessHandle machine =
        ProcessHandle.allProcesses()
            .filter(process -> process.info().commandLine().orElse("").contains("casemate-" + id))
            .findFirst()
            .orElseThrow();
    machine.destroyForcibly();
  }

  /** Waits for a container that dies by itself. */
  String awaitEnd() {
    try (RunningCommand wait = engine.start("wait", NAME)) {
      return wait.await().mustSucceed().text().strip();
    }
  }
}
