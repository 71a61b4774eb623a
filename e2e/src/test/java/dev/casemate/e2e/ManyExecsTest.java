package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.DebianRelease;
import dev.casemate.testkit.Kubelet;
import dev.casemate.testkit.Leftovers;
import dev.casemate.testkit.cri.NamespaceMode;
import dev.casemate.testkit.cri.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A container in which one command after the other is executed, as probes do for weeks: neither
 * shim nor guest may grow by it. {@code -Dcasemate.execs=10000} makes it many.
 */
@Tag("vm")
class ManyExecsTest {
  private static final int EXECS = Integer.getInteger("casemate.execs", 300);

  /** Until then caches, pools and heaps find their sizes. */
  private static final int WARM_UP = 100;

  private static final int AT_ONCE = 4;

  /** Descriptors and threads that come and go: a connection, a pool's threads. */
  private static final int SLACK = 16;

  /**
   * What an exec that leaves anything costs is KiB, in a heap, and a table's entry in a kernel;
   * what a heap does between two collections is within this.
   */
  private static final long SLACK_KIBIBYTES = 24 * 1024;

  @TempDir Path scratch = Path.of("");

  /** Kernel-wide numbers of the guest; the last line is how many groups it has. */
  private static final String GUEST =
      "cut -f1 /proc/sys/fs/file-nr; awk '/^MemAvailable/ { print $2 }' /proc/meminfo;"
          + " cut -d' ' -f4 /proc/loadavg | cut -d/ -f2;"
          + " awk '$1 == \"pids\" { print $3 }' /proc/cgroups";

  private record Use(
      long shimDescriptors,
      long shimThreads,
      long shimChildren,
      long shimKibibytes,
      long guestFiles,
      long guestAvailableKibibytes,
      long guestThreads,
      long guestGroups) {}

  @Test
  void execsLeaveNothingInShimAndGuest() throws Exception {
    Leftovers leftovers = Leftovers.before();
    try (Kubelet kubelet = Kubelet.start(scratch.resolve("kubelet"), DebianRelease.installed())) {
      PodSandboxConfig config = kubelet.pod("many", NamespaceMode.CONTAINER).build();
      String pod = kubelet.cri().runPod(config, "casemate");
      String container =
          kubelet.run(
              pod, config, kubelet.container("c", NamespaceMode.CONTAINER, "sleep", "100000"));

      exec(kubelet, container, WARM_UP);
      Use before = use(kubelet, container);
      exec(kubelet, container, EXECS);
      Use after = use(kubelet, container);

      String seen = "before " + EXECS + " execs: " + before + "\nafter: " + after;
      System.getLogger(ManyExecsTest.class.getName()).log(System.Logger.Level.INFO, seen);
      assertThat(after.shimDescriptors()).as(seen).isLessThan(before.shimDescriptors() + SLACK);
      assertThat(after.shimThreads()).as(seen).isLessThan(before.shimThreads() + SLACK);
      assertThat(after.shimChildren()).as(seen).isEqualTo(before.shimChildren());
      assertThat(after.shimKibibytes())
          .as(seen)
          .isLessThan(before.shimKibibytes() + SLACK_KIBIBYTES);
      assertThat(after.guestFiles()).as(seen).isLessThan(before.guestFiles() + 4 * SLACK);
      assertThat(after.guestThreads()).as(seen).isLessThan(before.guestThreads() + SLACK);
      assertThat(after.guestGroups()).as(seen).isLessThan(before.guestGroups() + SLACK);
      assertThat(after.guestAvailableKibibytes())
          .as(seen)
          .isGreaterThan(before.guestAvailableKibibytes() - SLACK_KIBIBYTES);
      kubelet.removeAll();
    }
    leftovers.mustBeNone();
  }

  private static void exec(Kubelet kubelet, String container, int count) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String text = "exec " + i;
        running.add(
            threads.submit(() ->
                assertThat(kubelet.cri().exec(container, "echo", text).mustSucceed().text())
                    .isEqualTo(text + "\n")));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private static Use use(Kubelet kubelet, String container) throws IOException {
    ProcessHandle shim =
        ProcessHandle.allProcesses()
            .filter(p -> p.info().commandLine().orElse("").contains("dev.casemate.shim.Main"))
            .findFirst()
            .orElseThrow();
    Path proc = Path.of("/proc", Long.toString(shim.pid()));
    List<Long> guest =
        kubelet
            .cri()
            .exec(container, "sh", "-c", GUEST)
            .mustSucceed()
            .text()
            .lines()
            .map(line -> Long.parseLong(line.strip()))
            .toList();
    return new Use(
        count(proc.resolve("fd")),
        count(proc.resolve("task")),
        shim.children().count(),
        resident(proc),
        guest.get(0),
        guest.get(1),
        guest.get(2),
        guest.get(3));
  }

  private static long count(Path directory) throws IOException {
    try (var entries = Files.list(directory)) {
      return entries.count();
    }
  }

  private static long resident(Path proc) throws IOException {
    for (String line : Files.readAllLines(proc.resolve("status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new AssertionError("no VmRSS in " + proc);
  }
}
