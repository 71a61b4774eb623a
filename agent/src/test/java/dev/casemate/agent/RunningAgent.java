package dev.casemate.agent;

import dev.casemate.protocol.AgentServiceClient;
import dev.casemate.protocol.CasemateAgentClient;
import dev.casemate.protocol.TtrpcClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The agent in a process of its own with a private mount namespace, in which {@code /sys/fs/cgroup}
 * is the unified hierarchy as in a guest, and a client of it. The namespace, and with it all
 * mounts, ends with the process.
 */
final class RunningAgent {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final List<String> APPLETS =
      List.of(
          "sh", "sleep", "echo", "cat", "true", "false", "stty", "dd", "kill", "id", "hostname");

  private final Path directory;
  private final Process process;
  private final TtrpcClient client;

  private RunningAgent(Path directory, Process process) {
    this.directory = directory;
    this.process = process;
    this.client =
        new TtrpcClient(
            process.getInputStream(),
            process.getOutputStream(),
            () -> process.getOutputStream().close());
  }

  /** Whether this machine has what it takes. */
  static boolean isPossible() throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of("/usr/bin/crun"))
        || !Files.isExecutable(Path.of("/bin/busybox"))) {
      return false;
    }
    Process probe =
        new ProcessBuilder("unshare", "-m", "sh", "-c", "mount -t cgroup2 none /sys/fs/cgroup")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return probe.waitFor() == 0;
  }

  static RunningAgent start() throws IOException {
    Path directory = Files.createTempDirectory("casemate-agent-test");
    Path run = Files.createDirectories(directory.resolve("run"));
    rootfs(run.resolve("shared/rootfs"));
    String java = ProcessHandle.current().info().command().orElseThrow();
    Process process =
        new ProcessBuilder(
                "unshare",
                "-m",
                "--propagation",
                "private",
                "sh",
                "-c",
                "mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"",
                "sh",
                java,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                AgentOnPipes.class.getName(),
                run.toString())
            .redirectError(directory.resolve("log").toFile())
            .start();
    return new RunningAgent(directory, process);
  }

  private static void rootfs(Path root) throws IOException {
    for (String name : List.of("bin", "proc", "dev", "sys", "tmp", "etc")) {
      Files.createDirectories(root.resolve(name));
    }
    Files.copy(
        Path.of("/bin/busybox"), root.resolve("bin/busybox"), StandardCopyOption.COPY_ATTRIBUTES);
    for (String applet : APPLETS) {
      Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
    }
    Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  }

  AgentServiceClient agent() {
    return new AgentServiceClient(client, BOUND);
  }

  CasemateAgentClient casemate() {
    return new CasemateAgentClient(client, BOUND);
  }

  Path run() {
    return directory.resolve("run");
  }

  long pid() {
    return process.pid();
  }

  /** What the agent has logged, for messages of failed assertions. */
  String log() {
    try {
      return Files.readString(directory.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Ends it and removes what it had. */
  void stop() throws IOException, InterruptedException {
    client.close();
    if (!process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      process.waitFor();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(each);
      }
    }
  }
}
