package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.testkit.Bundle;
import dev.casemate.testkit.CommandResult;
import dev.casemate.testkit.SandboxProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a container plants in its files leads nobody on the host out of them. */
@Tag("vm")
class HostileGuestTest extends OneContainer {
  /**
   * CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, SETGID, SETUID, MKNOD and SETFCAP: to act
   * for the users of the guest. Nothing that mounts, traces or configures.
   */
  private static final long FILE_CAPABILITIES = 0x8800_00dfL;

  private static final String PLANT =
      """
      for place in /etc /mnt; do rm -rf $place; ln -s VICTIM $place; done
      cd /data
      ln -s VICTIM absolute; ln -s ../../../../../../../../../../../..VICTIM climbing
      ln -s VICTIM/file file; mkfifo fifo; cp /bin/busybox set-id; chmod 6755 set-id
      mknod disk b DISK; cat disk; mkdir ..data; ln -s VICTIM ..data/link
      for link in absolute climbing; do cat $link/file; echo x >$link/new; done
      cat file; echo x >file; touch /planted; exec sleep 100000
      """;

  /** CVE-2020-2024, CVE-2020-2026, and the same for each step of a container's life. */
  @Test
  void plantedLinksAndDevicesLeadNowhere() throws IOException {
    Path victim = Files.createDirectory(scratch.toRealPath().resolve("victim"));
    Files.writeString(victim.resolve("file"), "secret\n");
    Path data = Files.createDirectory(scratch.resolve("data"));
    List<String> mountsBefore = mounts();
    Bundle bundle = Bundle.in(scratch.resolve("bundle"));
    bundle.args("sh", "-c", PLANT.replace("VICTIM", victim + "").replace("DISK", "254 0"));
    for (String set : List.of("bounding", "effective", "permitted")) {
      bundle.add("process.capabilities." + set, "\"CAP_MKNOD\"");
    }
    bind(bundle, data, "/data");
    String directory = bundle.write().toString();
    casemate.run("create", "--bundle", directory, ID).mustSucceed();
    SandboxProcesses processes = SandboxProcesses.of(casemate, ID);
    casemate.run("start", ID).mustSucceed();

    CommandResult seen =
        casemate.run("exec", ID, "sh", "-c", "until [ -e /planted ]; do sleep 0.1; done; ls /data");
    assertThat(seen.mustSucceed().text().lines())
        .contains("absolute", "climbing", "disk", "fifo", "file", "set-id");
    theFileDaemonIsConfined(processes);
    casemate.run("kill", ID, "KILL").mustSucceed();
    casemate.run("delete", "--force", ID).mustSucceed();

    intact(victim, mountsBefore);
    assertThat(data.resolve("set-id")).exists();

    bundle.set("root.readonly", "true").args("sh", "-c", "ls /data/absolute");
    bind(bundle, data, "/etc/made/by/mount");
    bind(bundle, Files.createFile(scratch.resolve("single")), "/mnt/made-file");
    casemate.run("run", "--bundle", bundle.write().toString(), ID);
    casemate.run("delete", "--force", ID).mustSucceed();

    intact(victim, mountsBefore);
  }

  private static void intact(Path victim, List<String> mountsBefore) throws IOException {
    assertThat(victim.resolve("file")).hasContent("secret\n");
    try (Stream<Path> names = Files.list(victim)) {
      assertThat(names).hasSize(1);
    }
    assertThat(mounts()).isEqualTo(mountsBefore);
  }

  private static List<String> mounts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo"));
  }

  private static void bind(Bundle bundle, Path source, String place) {
    bundle.add(
        "mounts",
        "{\"type\": \"bind\", \"source\": \"%s\", \"destination\": \"%s\", \"options\": [\"bind\"]}"
            .formatted(source, place));
  }

  /** CVE-2026-47243 and CVE-2026-44210: neither root of the host, nor unfiltered, nor unlocked. */
  private static void theFileDaemonIsConfined(SandboxProcesses processes) throws IOException {
    // Debian 12's stays outside of the process-id namespace with its parent, which only waits.
    long pid = processes.fileDaemons().getLast();
    Path proc = Path.of("/proc", Long.toString(pid));
    assertThat(Files.readString(proc.resolve("cmdline")))
        .contains("sandbox=namespace")
        .doesNotContain("sandbox=none", "seccomp=none", "seccomp=log", "source=/\0");
    assertThat(field(proc, "Seccomp")).isEqualTo("2");
    for (String set : List.of("CapEff", "CapPrm")) {
      long capabilities = Long.parseUnsignedLong(field(proc, set), 16);
      assertThat(capabilities & ~FILE_CAPABILITIES).as("%s of %s", set, pid).isZero();
    }
    for (String kind : List.of("mnt", "net", "pid")) {
      Path namespace = Files.readSymbolicLink(proc.resolve("ns").resolve(kind));
      assertThat(namespace)
          .as(kind)
          .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns").resolve(kind)));
    }
    try (Stream<Path> names = Files.list(proc.resolve("root"))) {
      assertThat(names.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder(ID, "@volumes");
    }
  }

  private static String field(Path proc, String name) throws IOException {
    return Files.readAllLines(proc.resolve("status")).stream()
        .filter(line -> line.startsWith(name + ":"))
        .findFirst()
        .orElseThrow()
        .substring(name.length() + 1)
        .strip();
  }
}
