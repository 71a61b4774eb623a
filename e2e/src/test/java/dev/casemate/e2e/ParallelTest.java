package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CasemateCommand;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.RunningCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many sandboxes at once, each started by a process of its own as engines do it. */
@Tag("vm")
class ParallelTest {

  private static final int CONTAINERS = 20;

  private static final int FIRST_CODE = 100;
  private static final long MEMORY_BYTES = 256L << 20;

  /** As much output as any of them could lose. */
  private static final int LINES = 2000;

  /**
   * Twenty emulated machines share the processors: each takes twenty times what one takes, on a
   * machine that has other things to do as well.
   */
  private static final Duration BOUND = Duration.ofMinutes(20);

  @TempDir Path scratch = Path.of("");

  @Test
  void twentyContainersRunInMachinesOfTheirOwnAndNoneIsLost() {
    CasemateCommand casemate =
        CasemateCommand.in(scratch).withConfiguration("[agent.kata]\ndial_timeout_ms = 600000");
    Leftovers leftovers = Leftovers.before(casemate.stateDirectory());
    List<RunningCommand> runs = new ArrayList<>();
    for (int i = 0; i < CONTAINERS; i++) {
      String script =
          "cat /proc/sys/kernel/random/boot_id; hostname; echo %d >/file; seq %d; exit %d"
              .formatted(i, LINES, FIRST_CODE + i);
      Path bundle =
          bundle(i)
              .args("sh", "-c", script)
              .set("hostname", "\"box" + i + "\"")
              .set("linux.resources.memory.limit", String.valueOf(MEMORY_BYTES))
              .write();
      runs.add(casemate.start("run", "--bundle", bundle.toString(), "c" + i));
    }

    StringBuilder lines = new StringBuilder();
    for (int line = 1; line <= LINES; line++) {
      lines.append(line).append('\n');
    }
    Set<String> boots = new HashSet<>();
    for (int i = 0; i < CONTAINERS; i++) {
      CommandResult result = runs.get(i).await(BOUND).mustExit(FIRST_CODE + i);
      int end = result.text().indexOf('\n');
      boots.add(result.text().substring(0, end));
      assertThat(result.text().substring(end + 1)).isEqualTo("box" + i + "\n" + lines);
      assertThat(bundle(i).rootfs().resolve("file")).hasContent(i + "\n");
    }
    assertThat(boots).as("kernels that were booted").hasSize(CONTAINERS);
    assertThat(casemate.run("list", "--quiet").mustSucceed().text()).isEmpty();
    leftovers.mustBeNone();
  }

  private Bundle bundle(int number) {
    return Bundle.in(scratch.resolve("bundle" + number));
  }
}
