package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.json.JsonWriter;
import dev.casemate.model.oci.SpecRemainder;
import dev.casemate.protocol.agent.CreateContainerRequest;
import dev.casemate.protocol.agent.Process;
import dev.casemate.protocol.agent.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes containers and further processes in them with the runtime: storages, bundle, streams, and
 * the process that the runtime leaves behind. What fails half-way is undone. Thread-safe.
 */
final class ContainerFactory {
  private static final String TERMINATION_PATH = "io.kubernetes.container.terminationMessagePath";

  private final GuestLayout layout;
  private final GuestTree tree;
  private final Children children;
  private final Crun crun;
  private final Storages storages;
  private final SpecDevices devices;
  private final PacketFilterModules filters;
  private final HomeVariable home;
  private final AgentLog log;

  ContainerFactory(
      GuestLayout layout,
      GuestTree tree,
      Children children,
      Crun crun,
      Storages storages,
      SpecDevices devices,
      PacketFilterModules filters,
      AgentLog log) {
    this.layout = layout;
    this.tree = tree;
    this.children = children;
    this.crun = crun;
    this.storages = storages;
    this.devices = devices;
    this.filters = filters;
    this.home = new HomeVariable(tree);
    this.log = log;
  }

  /**
   * Makes a container whose first process waits for its start.
   *
   * @param sandboxPid the path of the pid namespace to join; empty for one of its own
   */
  GuestContainer create(ContainerId id, CreateContainerRequest request, String sandboxPid)
      throws InterruptedException {
    String tried = "create the container " + id;
    if (!request.hasOCI() || !request.getOCI().hasProcess() || !request.getOCI().hasRoot()) {
      throw RequestError.invalid(tried, "its spec has no process or no root");
    }
    Spec spec = devices.resolve(request.getOCI(), request.getDevicesList());
    filters.loadFor(spec);
    String cgroupPath = CgroupFiles.PARENT + "/" + id;
    CgroupFiles cgroup = CgroupFiles.at(cgroupPath);
    List<String> places = new ArrayList<>(storages.add(request.getStoragesList()));
    boolean made = false;
    try {
      places.addAll(storages.enter(spec));
      writeBundle(id.value(), spec, sandboxPid, cgroupPath);
      ContainerProcess first = start(tried, spec.getProcess(), "", create(id.value()), 0);
      GuestContainer.Facts facts =
          new GuestContainer.Facts(
              places,
              spec.getMountsList(),
              spec.getAnnotationsMap().getOrDefault(TERMINATION_PATH, ""),
              (int) spec.getProcess().getOOMScoreAdj());
      GuestContainer container = new GuestContainer(id.value(), cgroup, facts, first);
      made = true;
      return container;
    } finally {
      if (!made) {
        discard(id.value(), cgroup, places);
      }
    }
  }

  private List<String> create(String id) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("create", "--bundle", layout.bundle(id).toString()));
    arguments.add("--no-new-keyring");
    arguments.add(id);
    return arguments;
  }

  private void writeBundle(String id, Spec spec, String sandboxPid, String cgroup) {
    String tried = "write the bundle of the container " + id;
    String root = spec.getRoot().getPath();
    List<String> names = GuestTree.names(root, "use the container's root");
    try (Descriptor there = tree.handle(names)) {
      if (!there.status().isDirectory()) {
        throw RequestError.invalid(tried, "its root is no directory");
      }
    } catch (LinuxException e) {
      throw RequestError.notFound(tried, "its root " + root + ": " + RequestError.reason(e));
    }
    Spec local =
        spec.toBuilder()
            .setRoot(spec.getRoot().toBuilder().setPath(layout.real(root)))
            .setProcess(home.ofFirst(spec))
            .build();
    JsonObject document =
        SpecJson.spec(local, ContainerNamespaces.of(spec, sandboxPid, layout.init()), cgroup);
    Path bundle = layout.bundle(id);
    try {
      Files.createDirectories(bundle);
      write(bundle.resolve("config.json"), document);
    } catch (IOException e) {
      throw RequestError.failed(tried, e);
    }
  }

  private static void write(Path file, JsonObject document) throws IOException {
    Files.write(file, JsonWriter.compact(document).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Starts a further process in a container whose first one waits or runs.
   *
   * @param remainder what the message has no field for, as in {@link SpecRemainder}; may be empty
   */
  ContainerProcess exec(GuestContainer container, String execId, Process process, String remainder)
      throws InterruptedException {
    String tried = "execute a process in the container " + container.id();
    Path description = crun.scratch(".process");
    Process complete = HomeVariable.ofFurther(process, container.first().child().pid());
    JsonObject document = SpecJson.process(complete);
    try {
      write(
          description,
          remainder.isEmpty() ? document : SpecRemainder.restoreProcess(document, remainder));
      List<String> arguments = new ArrayList<>();
      arguments.addAll(List.of("exec", "--detach", "--process", description.toString()));
      arguments.add(container.id());
      return start(tried, process, execId, arguments, container.facts().oomScoreAdj());
    } catch (IOException e) {
      throw RequestError.failed(tried, e);
    } finally {
      Crun.delete(description);
    }
  }

  /**
   * Runs a command of the runtime that leaves a process behind.
   *
   * @param arguments the command, its options, and last the container's id
   * @param oomScoreAdj of the process; 0 leaves it to the runtime
   */
  private ContainerProcess start(
      String tried, Process process, String execId, List<String> arguments, int oomScoreAdj)
      throws InterruptedException {
    Path pidFile = crun.scratch(".pid");
    Children.Mark before = children.mark();
    List<String> command = new ArrayList<>(arguments);
    command.addAll(1, List.of("--pid-file", pidFile.toString()));
    @Nullable String program = process.getArgsCount() == 0 ? null : process.getArgs(0);
    ProcessStreams streams = null;
    boolean made = false;
    try {
      if (process.getTerminal()) {
        streams = onTerminal(tried, program, command, oomScoreAdj);
        if (process.hasConsoleSize()) {
          resize(streams, process);
        }
      } else {
        try (ProcessStreams.Pipes pipes = ProcessStreams.pipes()) {
          streams = pipes.streams();
          crun.run(tried, program, pipes.farEnds(), command, oomScoreAdj);
        }
      }
      Child child = children.adopt(pid(tried, pidFile), before);
      if (oomScoreAdj != 0) {
        // In case that the runtime was faster than the one who told it.
        OomScore.set(child.pid(), oomScoreAdj);
      }
      made = true;
      child.onEnd(streams::endWithProcess);
      return new ContainerProcess(execId, child, streams);
    } finally {
      Crun.delete(pidFile);
      if (!made && streams != null) {
        streams.close();
      }
    }
  }

  private ProcessStreams onTerminal(
      String tried, @Nullable String program, List<String> command, int oomScoreAdj)
      throws InterruptedException {
    try (ConsoleSocket console = new ConsoleSocket(crun.scratch(".tty"))) {
      command.addAll(1, List.of("--console-socket", console.path().toString()));
      crun.run(tried, program, List.of(), command, oomScoreAdj);
      return ProcessStreams.terminal(console.master());
    }
  }

  private void resize(ProcessStreams streams, Process process) {
    try {
      streams.resize(process.getConsoleSize().getHeight(), process.getConsoleSize().getWidth());
    } catch (LinuxException | IllegalArgumentException e) {
      log.warn("cannot set a terminal's first size", "why", RequestError.reason(e));
    }
  }

  private static int pid(String tried, Path file) {
    try {
      return Integer.parseInt(Small.text(file, 32).strip());
    } catch (IOException | NumberFormatException e) {
      throw RequestError.failed(tried, e);
    }
  }

  /** Takes away what is left of a container, in whatever state. Never fails. */
  void discard(String id, CgroupFiles cgroup, List<String> places) throws InterruptedException {
    if (Files.exists(layout.runtimeState().resolve(id))) {
      try {
        crun.run("delete the container " + id, null, List.of(), List.of("delete", "--force", id));
      } catch (RuntimeException e) {
        log.warn("the runtime cannot delete", "container", id, "why", RequestError.reason(e));
      }
    }
    // The runtime forgets the cgroup when it fails before it has written its state.
    if (cgroup.exists() && !cgroup.remove()) {
      log.warn("a cgroup is left", "container", id);
    }
    Crun.delete(layout.bundle(id).resolve("config.json"));
    Crun.delete(layout.bundle(id));
    if (layout.init()) {
      FileRequests.awaitAnswers();
    }
    storages.remove(places);
  }
}
