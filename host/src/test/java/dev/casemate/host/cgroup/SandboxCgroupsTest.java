package dev.casemate.host.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.casemate.model.ContainerId;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against the real hierarchies, under names of the test's own. */
class SandboxCgroupsTest {
  private static final String PARENT = "casemate-test-" + ProcessHandle.current().pid();
  private static final ContainerId ID = new ContainerId("unused");
  private static final long BOUND_SECONDS = 60;

  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void needsTheRightToMakeGroups() {
    assumeTrue(
        CgroupHierarchy.mounted().stream().anyMatch(h -> Files.isWritable(h.root())),
        "cgroups can be made here");
  }

  @AfterEach
  void nothingStays() throws Exception {
    for (Process process : started) {
      process.destroyForcibly();
      assertThat(process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
    for (CgroupHierarchy hierarchy : CgroupHierarchy.mounted()) {
      assertThat(hierarchy.root().resolve(PARENT)).doesNotExist();
    }
  }

  private Process start(String script) throws IOException {
    Process process =
        new ProcessBuilder("/bin/sh", "-c", script)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    started.add(process);
    return process;
  }

  private static boolean isIn(long pid, Path group) throws IOException {
    return Files.readAllLines(group.resolve("cgroup.procs")).contains(Long.toString(pid));
  }

  @Test
  void holdsKillsAndGoes() throws Exception {
    SandboxCgroups cgroups = SandboxCgroups.create("/" + PARENT + "/a", ID);
    // What was started before its parent was moved would stay outside.
    Process process =
        start(
            "until grep -q " + PARENT + " /proc/self/cgroup; do :; done; sleep 1000 & sleep 1000");
    try {
      cgroups.add(process.pid());
      assertThat(cgroups.groups()).hasSameSizeAs(CgroupHierarchy.mounted());
      for (Path group : cgroups.groups()) {
        assertThat(isIn(process.pid(), group)).as("in %s", group).isTrue();
      }
      assertThat(cgroups.outOfMemory()).isFalse();
    } finally {
      cgroups.remove();
    }
    assertThat(process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + 9);
    assertThat(cgroups.made()).allSatisfy(path -> assertThat(path).doesNotExist());
    cgroups.remove();
  }

  /** After a crash nothing but the list is there; a second removal finds nothing. */
  @Test
  void theListIsEnoughForTheRemoval() throws Exception {
    List<Path> made = SandboxCgroups.create("/" + PARENT + "/b", ID).made();
    Process process = start("exec sleep 1000");
    CgroupRemoval removal = new CgroupRemoval(made);
    try {
      for (Path directory : made) {
        if (directory.endsWith("b")) {
          Files.writeString(directory.resolve("cgroup.procs"), Long.toString(process.pid()));
          Files.createDirectory(directory.resolve("inner"));
        }
      }
      assertThat(removal.processes()).containsExactly(process.pid());
    } finally {
      removal.remove();
    }
    assertThat(process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)).isTrue();
    new CgroupRemoval(made).remove();
  }

  @Test
  void neighboursInASharedParentLiveOn() throws Exception {
    SandboxCgroups first = SandboxCgroups.create("/" + PARENT + "/first", ID);
    SandboxCgroups second = SandboxCgroups.create("/" + PARENT + "/second", ID);
    Process neighbour = start("exec sleep 1000");
    try {
      second.add(neighbour.pid());
      new CgroupRemoval(first.made()).remove();
      assertThat(neighbour.isAlive()).isTrue();
      for (Path group : second.groups()) {
        assertThat(isIn(neighbour.pid(), group)).isTrue();
      }
    } finally {
      second.remove();
      // Who made the parent has gone first, so that it was still in use then.
      first.remove();
    }
  }

  @Test
  void aGroupOfSomebodyElseIsLeftAlone() throws Exception {
    List<Path> theirs = new ArrayList<>();
    SandboxCgroups owner = SandboxCgroups.create("/" + PARENT + "/theirs", ID);
    Process resident = start("exec sleep 1000");
    try {
      theirs.addAll(owner.groups());
      SandboxCgroups ours = SandboxCgroups.create("/" + PARENT + "/theirs", ID);
      assertThat(ours.groups())
          .isEqualTo(theirs.stream().map(group -> group.resolve("casemate")).toList());
      for (Path group : theirs) {
        // Version 2 takes processes only where the controllers go no further.
        if (Files.exists(group.resolve("tasks"))) {
          Files.writeString(group.resolve("cgroup.procs"), Long.toString(resident.pid()));
        }
      }
      ours.remove();
      assertThat(resident.isAlive()).isTrue();
      assertThat(theirs).allSatisfy(group -> assertThat(group).isDirectory());
    } finally {
      owner.remove();
    }
  }

  @Test
  void frozenProcessesDieToo() throws Exception {
    SandboxCgroups cgroups = SandboxCgroups.create("/" + PARENT + "/frozen", ID);
    Process process = start("exec sleep 1000");
    try {
      cgroups.add(process.pid());
      for (Path group : cgroups.groups()) {
        if (Files.exists(group.resolve("freezer.state"))) {
          Files.writeString(group.resolve("freezer.state"), "FROZEN");
        }
        if (Files.exists(group.resolve("cgroup.freeze"))) {
          Files.writeString(group.resolve("cgroup.freeze"), "1");
        }
      }
    } finally {
      cgroups.remove();
    }
    assertThat(process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void countsKillsForMemory() throws Exception {
    SandboxCgroups cgroups = SandboxCgroups.create("/" + PARENT + "/small", ID);
    try {
      boolean limited = false;
      for (Path group : cgroups.groups()) {
        for (String file : List.of("memory.limit_in_bytes", "memory.max")) {
          if (Files.exists(group.resolve(file))) {
            Files.writeString(group.resolve(file), Long.toString(16 << 20));
            limited = true;
          }
        }
      }
      assumeTrue(limited, "the memory controller is here");
      // Doubles its own text until the limit is reached; waits first, until it is in the group.
      Process eater =
          new ProcessBuilder("/bin/sh", "-c", "read go; a=x; while :; do a=$a$a; done").start();
      started.add(eater);
      cgroups.add(eater.pid());
      eater.getOutputStream().write('\n');
      eater.getOutputStream().close();
      assertThat(eater.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(cgroups.outOfMemory()).isTrue();
    } finally {
      cgroups.remove();
    }
  }
}
