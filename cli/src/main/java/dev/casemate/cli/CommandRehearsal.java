package dev.casemate.cli;

import dev.casemate.core.ExitStatus;
import dev.casemate.core.MachineSummary;
import dev.casemate.core.Phases;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.host.state.ProcessIdentity;
import dev.casemate.host.state.StateStore;
import dev.casemate.model.ContainerId;
import dev.casemate.model.json.JsonWriter;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.Spec;
import dev.casemate.model.oci.SpecVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every verb that an engine waits for, against a monitor and a stand-in that are scripts: what is
 * recorded is this process's own part.
 */
final class CommandRehearsal {
  private static final ContainerId ID = new ContainerId("rehearsal");

  /** Speaks a monitor's side of create; the FIFOs are never opened. */
  private static final String MONITOR =
      """
      #!/bin/sh
      read -r line
      echo '{"ready":{"orders":"/dev/null","reports":"/dev/null"}}'
      read -r line
      echo '{"done":{"pid":1,"machine":{"vmm":"none","machine":"none","accelerator":"TCG",\
      "channel":"none","kernelRelease":"none","vcpus":1,"memoryBytes":1},"phases":[]}}'
      read -r line
      """;

  private final Map<String, String> environment;

  CommandRehearsal(Map<String, String> environment) {
    this.environment = environment;
  }

  void run() throws IOException {
    Path directory = RehearseVerb.temporary();
    String home = System.getProperty("casemate.home", "");
    try (ServerSocketChannel control = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      System.setProperty("casemate.home", pretendHome(directory).toString());
      Path runDirectory = Files.createDirectory(directory.resolve("run"));
      control.bind(UnixDomainSocketAddress.of(runDirectory.resolve("control.sock")));
      Thread.ofPlatform().daemon().name("pretend-monitor").start(() -> serve(control));
      Path bundle = bundle(directory);
      Path root = directory.resolve("root");
      record(root, directory, ContainerStatus.CREATED, ProcessIdentity.self());
      act(root, "create", "--bundle", bundle.toString(), "another");
      act(root, "start", ID.value());
      act(root, "state", ID.value());
      act(root, "state", "missing");
      record(root, directory, ContainerStatus.RUNNING, ProcessIdentity.self());
      act(root, "kill", ID.value(), "TERM");
      act(root, "exec", "--process", bundle.resolve("process.json").toString(), ID.value());
      act(root, "pause", ID.value());
      act(root, "list");
      act(root, "list", "--format", "json");
      record(root, directory, ContainerStatus.STOPPED, new ProcessIdentity(1, 0));
      act(root, "state", ID.value());
      act(root, "kill", ID.value());
      act(root, "delete", "--force", ID.value());
      act(root, "features");
      act(root, "--version");
    } finally {
      System.setProperty("casemate.home", home);
      TemporaryBundle.remove(directory);
    }
  }

  private void act(Path root, String... arguments) {
    String[] line = new String[arguments.length + 6];
    List<String> global =
        List.of("--root", root.toString(), "--log", root + "/log", "--log-format");
    for (int i = 0; i < global.size(); i++) {
      line[i] = global.get(i);
    }
    line[5] = "json";
    System.arraycopy(arguments, 0, line, 6, arguments.length);
    Output nowhere = new Output(new ByteArrayOutputStream(), new ByteArrayOutputStream());
    Main.run(line, nowhere, InputStream.nullInputStream(), environment, new HostGate());
  }

  private static Path pretendHome(Path directory) throws IOException {
    Path home = directory.resolve("home");
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("libexec"));
    Path monitor = home.resolve("bin/casemate");
    Files.writeString(monitor, MONITOR);
    if (!monitor.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + monitor + " executable");
    }
    Files.writeString(home.resolve("libexec/stand-in"), "exit 0\n");
    Files.writeString(home.resolve("version"), "0\nnone\n");
    return home;
  }

  private static Path bundle(Path directory) throws IOException {
    Path bundle = Files.createDirectory(directory.resolve("bundle"));
    Spec spec = StartingSpec.forBundles();
    spec =
        spec.withProcess(
            spec.process().withCommand(spec.process().args(), spec.process().env(), false));
    Files.writeString(
        bundle.resolve(Spec.FILE_NAME), JsonWriter.pretty(spec.toJson()), StandardCharsets.UTF_8);
    Files.writeString(bundle.resolve("process.json"), JsonWriter.compact(spec.process().toJson()));
    return bundle;
  }

  private static void record(
      Path root, Path directory, ContainerStatus status, ProcessIdentity monitor) {
    ContainerRecord container =
        new ContainerRecord(
            ID,
            SpecVersion.MOST,
            status,
            Math.toIntExact(ProcessHandle.current().pid()),
            directory.resolve("bundle"),
            directory.resolve("bundle/rootfs"),
            Map.of("annotation", "value"),
            Instant.now(),
            0,
            monitor,
            directory.resolve("run"),
            List.of(directory.resolve("cgroup")),
            List.of(new Hook("/bin/true", List.of("true"), List.of("A=b"), 1)),
            new MachineSummary(
                "none", "none", MachineSummary.Accelerator.TCG, "none", "none", 1, 1),
            List.of(new Phases.Phase("boot", Duration.ofSeconds(1))),
            status == ContainerStatus.STOPPED
                ? new ExitStatus(1, Instant.now(), Optional.of("reason"))
                : null);
    StateStore store = new StateStore(root);
    if (!Files.exists(store.directory(ID))) {
      store.claim(container);
    }
    store.write(container);
  }

  /** Answers every request as a monitor does that has done it, until the socket is closed. */
  private static void serve(ServerSocketChannel control) {
    try {
      while (true) {
        try (SocketChannel verb = control.accept()) {
          InputStream in = Channels.newInputStream(verb);
          OutputStream out = Channels.newOutputStream(verb);
          for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String answer =
                line.startsWith("{\"exec\"")
                    ? "{\"ready\":{\"orders\":\"/dev/null\",\"reports\":\"/dev/null\"}}\n"
                    : "{\"done\":{}}\n";
            out.write(answer.getBytes(StandardCharsets.UTF_8));
          }
        }
      }
    } catch (IOException _) {
      // The rehearsal is over.
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
