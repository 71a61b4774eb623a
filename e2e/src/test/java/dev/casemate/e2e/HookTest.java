package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Await;
import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Hooks of every kind run when and where they run under runc. */
@Tag("vm")
class HookTest extends OneContainer {
  /** Logs its kind, what the state document says, and where it runs. */
  private static final String HOOK =
      """
      #!/bin/sh
      state=$(cat)
      member() { echo "$state" | tr ',{}' '\\n' | sed -n "s/^ *\\"$1\\" *: *\\"*\\([^\\"]*\\)\\"*$/\\1/p"; }
      net=other; [ "$(readlink /proc/self/ns/net)" != "$HOST_NET" ] || net=host
      pid=none
      if [ -n "$(member pid)" ] && [ "$(member pid)" != 0 ]; then pid=some; fi
      echo "$1 $(member status) $(member id) $(member bundle) $pid $net $COLOUR $2" >>"$LOG"
      """;

  @Test
  void eachKindRunsAtItsTimeInItsPlace() throws IOException {
    Bundle bundle =
        Bundle.in(scratch.resolve("bundle"))
            .args("sh", "-c", "echo process >>/root/log; uname -r >>/root/log");
    bundle.write();
    executable(scratch.resolve("hook"), HOOK);
    executable(
        bundle.rootfs().resolve("hook"),
        "#!/bin/sh\necho \"$1 $(cat | grep -c '\"id\"') $COLOUR\" >>/root/log\n");
    for (String kind :
        new String[] {"prestart", "createRuntime", "createContainer", "poststart", "poststop"}) {
      add(bundle, kind, scratch.resolve("hook"), "");
      add(bundle, kind, scratch.resolve("hook"), "second");
    }
    add(bundle, "startContainer", Path.of("/hook"), "");
    String directory = bundle.write().toString();
    Path inside = bundle.rootfs().resolve("root/log");

    String expected = live(directory, runc::run);
    Files.delete(inside);
    String log = live(directory, casemate::run);

    // runc 1.1 calls it created, the specification running.
    assertThat(log).isEqualTo(expected.replace("poststart created", "poststart running"));
    assertThat(log.lines()).hasSize(10);
    assertThat(Files.readString(inside))
        .startsWith("startContainer 1 blue\nprocess\n")
        .doesNotContain(Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
  }

  private String live(String bundle, Function<String[], CommandResult> runtime) throws IOException {
    Path log = scratch.resolve("log");
    Files.deleteIfExists(log);
    runtime.apply(new String[] {"create", "--bundle", bundle, ID}).mustSucceed();
    runtime.apply(new String[] {"start", ID}).mustSucceed();
    String[] state = {"state", ID};
    Await.until("it stopped", () -> runtime.apply(state).text().contains("\"stopped\""));
    runtime.apply(new String[] {"delete", "--force", ID}).mustSucceed();
    return Files.readString(log);
  }

  private void add(Bundle bundle, String kind, Path hook, String more) throws IOException {
    bundle.add(
        "hooks." + kind,
        """
        {"path": "%s", "args": ["hook", "%s", "%s"], "env": [
          "PATH=/usr/bin:/bin", "COLOUR=blue", "LOG=%s", "HOST_NET=%s"]}\
        """
            .formatted(
                hook,
                kind,
                more,
                scratch.resolve("log"),
                Files.readSymbolicLink(Path.of("/proc/self/ns/net"))));
  }

  private static void executable(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void aHookThatFailsOrHangsLeavesNoContainer() throws IOException {
    Path hook = scratch.resolve("failing");
    executable(hook, "#!/bin/sh\necho it is too early >&2\nexit 3\n");
    Bundle failing = Bundle.in(scratch.resolve("failing-bundle"));
    failing.add("hooks.createRuntime", "{\"path\": \"" + hook + "\"}");

    CommandResult failed =
        casemate.run("create", "--bundle", failing.write().toString(), ID).mustExit(1);

    assertThat(failed.errors())
        .contains("createRuntime hook " + hook, "status 3", "it is too early");
    casemate.run("state", ID).mustExit(1);
    executable(hook, "#!/bin/sh\nsleep 1000\n");
    Bundle hanging = Bundle.in(scratch.resolve("hanging-bundle"));
    hanging.add("hooks.prestart", "{\"path\": \"" + hook + "\", \"timeout\": 1}");

    CommandResult hung =
        casemate.run("create", "--bundle", hanging.write().toString(), ID).mustExit(1);

    assertThat(hung.errors()).contains("prestart hook " + hook, "did not end within 1 s");
    casemate.run("state", ID).mustExit(1);
  }
}
