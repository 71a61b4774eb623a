package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Processes;
import dev.casemate.linux.TerminalPair;
import dev.casemate.linux.UnixListener;
import dev.casemate.testkit.Await;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CommandResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Shells on terminals: those that engines receive, and that of whoever calls. */
@Tag("vm")
class TerminalTest extends OneContainer {
  /** The process of the container's pid file, which this one inherits, as an engine does. */
  private int created;

  @BeforeEach
  void inheritOrphans() {
    Processes.setChildSubreaper(true);
  }

  @AfterEach
  void inheritNone() {
    Processes.setChildSubreaper(false);
  }

  @Test
  void aShellOnAReceivedTerminalIsAsUnderRunc() {
    String bundle = shell().write().toString();
    workInAShell(bundle, arguments -> runc.run(arguments));
    workInAShell(bundle, arguments -> casemate.run(arguments));
  }

  private Bundle shell() {
    return Bundle.in(scratch.resolve("bundle"))
        .args("sh")
        .set("process.terminal", "true")
        .set("process.consoleSize", "{\"width\": 100, \"height\": 40}")
        .add("process.env", "\"PS1=> \"");
  }

  /** One session at the keyboard: the container's own shell, and a further one. */
  private void workInAShell(String bundle, Function<String[], CommandResult> runtime) {
    try (UnixListener socket = UnixListener.listen(socket("console"));
        UnixListener further = UnixListener.listen(socket("further"))) {
      create(runtime, bundle, socket("console"));
      try (Screen screen = Screen.receivedFrom(socket)) {
        run(runtime, "start", ID);
        useShell(screen);
        String[] tty = {"--tty", "--console-socket", socket("further")};
        run(runtime, "exec", tty[0], tty[1], tty[2], "--detach", "--pid-file", pidFile(), ID, "sh");
        int exec = pid();
        try (Screen second = Screen.receivedFrom(further)) {
          second.await("> ");
          second.resize(100, 40);
          useShell(second);
          second.type("exit 9\n");
          second.awaitEnd();
          assertThat(Processes.reap(exec).status()).isEqualTo(9);
        }
        screen.type("exit 7\n");
        screen.awaitEnd();
        assertThat(Processes.reap(created).status()).isEqualTo(7);
      }
      Await.until("it stopped", () -> run(runtime, "state", ID).contains("\"stopped\""));
      run(runtime, "delete", ID);
    }
    assertThat(Path.of(socket("console")).toFile().delete()).isTrue();
    assertThat(Path.of(socket("further")).toFile().delete()).isTrue();
  }

  private void useShell(Screen screen) {
    screen.type("stty size\n");
    screen.await("40 100\r\n");
    screen.type("test -t 0 && test -t 1 && test -t 2 && echo 'a'll terminals\n");
    screen.await("all terminals\r\n");
    screen.type("sh -c 'trap \"stty size\" WINCH; ech\\o ready; while :; do sleep 0.1; done'\n");
    screen.await("ready\r\n");
    screen.resize(77, 33);
    screen.await("33 77\r\n");
    screen.type("\3");
    screen.await("> ");
    screen.type(
        "sh -c 'trap \"exit 5\" INT; ech\\o go; while :; do sleep 0.1; done'; echo is $?\n");
    screen.await("go\r\n");
    screen.type("\3");
    screen.await("is 5\r\n");
    screen.type("stty -echo; seq 1 20000 | tail -c 50000; echo e'n'd\n");
    screen.await("\r\n19999\r\n20000\r\nend\r\n");
    screen.type("tr a-z A-Z; stty echo\nlast line\n\4");
    screen.await("LAST LINE\r\n");
  }

  private void create(Function<String[], CommandResult> runtime, String bundle, String socket) {
    String[] pid = {"--pid-file", pidFile()};
    run(runtime, "create", "--bundle", bundle, "--console-socket", socket, pid[0], pid[1], ID);
    created = pid();
  }

  private String pidFile() {
    return scratch.resolve("pid").toString();
  }

  private int pid() {
    try {
      return Integer.parseInt(Files.readString(Path.of(pidFile())).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String socket(String name) {
    return scratch.resolve(name).toString();
  }

  private static String run(Function<String[], CommandResult> runtime, String... arguments) {
    return runtime.apply(arguments).mustSucceed().text();
  }

  @Test
  void whoHangsUpEndsTheShell() {
    String bundle = shell().write().toString();
    for (Function<String[], CommandResult> runtime :
        List.<Function<String[], CommandResult>>of(runc::run, casemate::run)) {
      try (UnixListener socket = UnixListener.listen(socket("console"))) {
        create(runtime, bundle, socket("console"));
        try (Screen screen = Screen.receivedFrom(socket)) {
          run(runtime, "start", ID);
          screen.await("> ");
        }
        Processes.reap(created);
        Await.until("it stopped", () -> run(runtime, "state", ID).contains("\"stopped\""));
        run(runtime, "delete", ID);
      }
      assertThat(Path.of(socket("console")).toFile().delete()).isTrue();
    }
  }

  @Test
  void theCallersOwnTerminalIsLentAndGivenBack() {
    String bundle = shell().write().toString();
    try (TerminalPair pair = TerminalPair.open();
        TerminalPair other = TerminalPair.open()) {
      Screen screen = new Screen(pair.master());
      screen.resize(100, 40);
      int run = startOn(pair, "run", "--bundle", bundle, ID);
      screen.await("> ");
      useShell(screen);

      Screen second = new Screen(other.master());
      second.resize(100, 40);
      int exec = startOn(other, "exec", "--tty", ID, "sh");
      second.await("> ");
      useShell(second);
      second.type("exit 9\n");
      assertThat(Processes.reap(exec).status()).isEqualTo(9);

      screen.type("exit 7\n");
      assertThat(Processes.reap(run).status()).isEqualTo(7);
      // Lines and echo are back, so that what is typed is shown although nobody reads it.
      for (Screen each : List.of(screen, second)) {
        each.type("typed\n");
        each.await("typed\r\n");
      }
    }
  }

  private int startOn(TerminalPair terminal, String... arguments) {
    return ChildCommand.of(casemate.command(arguments))
        .withEnvironment(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"))
        .withTerminal(terminal.slavePath())
        .start();
  }
}
