package dev.casemate.agent;

import com.google.protobuf.ByteString;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.Processes;
import dev.casemate.linux.Signal;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ExecId;
import dev.casemate.model.json.JsonWriter;
import dev.casemate.protocol.Call;
import dev.casemate.protocol.agent.CreateContainerRequest;
import dev.casemate.protocol.agent.LinuxResources;
import dev.casemate.protocol.agent.Process;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The containers of the guest and all that can be done to them. Thread-safe: the lock guards the
 * table only and is never held while something runs or waits, so that no container can stall
 * another.
 */
final class Containers {
  /** A pod has a handful; a node's worth of them is a caller gone wrong. */
  private static final int MAX_CONTAINERS = 512;

  // The kernel kills at once; only a process stuck in uninterruptible I/O takes longer.
  private static final long KILL_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Children children;
  private final Crun crun;
  private final ContainerFactory factory;
  private final OomEvents oom;
  private final AgentLog log;

  private final Map<String, GuestContainer> table = new LinkedHashMap<>();

  /** Ids that are being made or removed. */
  private final Set<String> busy = new HashSet<>();

  private @Nullable Descriptor sandboxPid;

  Containers(Children children, Crun crun, ContainerFactory factory, OomEvents oom, AgentLog log) {
    this.children = children;
    this.crun = crun;
    this.factory = factory;
    this.oom = oom;
    this.log = log;
  }

  /** Makes a container whose first process waits for {@link #start}. */
  void create(CreateContainerRequest request) throws InterruptedException {
    ContainerId id = new ContainerId(request.getContainerId());
    reserve(id.value());
    GuestContainer made = null;
    try {
      String pidNamespace = request.getSandboxPidns() ? sandboxPidPath() : "";
      made = factory.create(id, request, pidNamespace);
      if (request.getSandboxPidns()) {
        shareFirstPid(made);
      }
      watch(made);
      log.info("created", "container", id.value());
    } finally {
      publish(id.value(), made);
    }
  }

  private synchronized void reserve(String id) {
    String tried = "create the container " + id;
    if (table.containsKey(id) || busy.contains(id)) {
      throw RequestError.alreadyExists(tried, "its id is in use");
    }
    if (table.size() + busy.size() >= MAX_CONTAINERS) {
      throw RequestError.exhausted(tried, "there are " + MAX_CONTAINERS + " already");
    }
    busy.add(id);
  }

  private synchronized void publish(String id, @Nullable GuestContainer made) {
    busy.remove(id);
    if (made != null) {
      table.put(id, made);
    }
  }

  private void watch(GuestContainer container) {
    oom.watch(container.id(), container.cgroup());
    ContainerProcess first = container.first();
    first.child().onEnd(() -> log.info("ended", "container", container.id()));
  }

  private synchronized String sandboxPidPath() {
    Descriptor shared = sandboxPid;
    return shared == null ? "" : "/proc/" + Processes.self() + "/fd/" + shared.number();
  }

  /**
   * The first container of a sandbox with one pid namespace brings it along. It is held open, since
   * the number of its first process may come to mean another.
   */
  private synchronized void shareFirstPid(GuestContainer container) {
    if (sandboxPid == null) {
      String path = "/proc/" + container.first().child().pid() + "/ns/pid";
      try {
        sandboxPid = Descriptor.open(path, OpenAccess.READ);
      } catch (LinuxException e) {
        throw RequestError.failed("share the pid namespace of " + container.id(), e);
      }
    }
  }

  /** The container. */
  GuestContainer get(String id, String tried) {
    GuestContainer found;
    synchronized (this) {
      found = table.get(id);
    }
    if (found == null) {
      throw RequestError.notFound(tried, "there is no container " + shown(id));
    }
    return found;
  }

  /** The process in the container, its first one for the empty exec id. */
  ContainerProcess process(String id, String execId, String tried) {
    ContainerProcess found = get(id, tried).process(execId);
    if (found == null) {
      throw RequestError.notFound(tried, "the container has no process " + shown(execId));
    }
    return found;
  }

  private static String shown(String id) {
    return id.length() > 64 ? id.substring(0, 64) + "…" : id;
  }

  /** All containers, oldest first. */
  synchronized List<GuestContainer> all() {
    return List.copyOf(table.values());
  }

  /** Lets the first process run. */
  void start(String id) throws InterruptedException {
    String tried = "start the container " + id;
    GuestContainer container = get(id, tried);
    container.start();
    boolean started = false;
    try {
      crun.run(tried, null, List.of(), List.of("start", container.id()));
      started = true;
    } finally {
      if (!started) {
        container.startFailed();
      }
    }
  }

  /**
   * Runs a further process.
   *
   * @param remainder what the message has no field for; may be empty
   */
  void exec(String id, String execId, Process process, String remainder)
      throws InterruptedException {
    ExecId checked = new ExecId(execId);
    GuestContainer container = get(id, "execute a process");
    container.checkExec(checked.value());
    container.add(factory.exec(container, checked.value(), process, remainder));
  }

  /** Waits for the end of a process; its exit code. */
  int await(String id, String execId) throws InterruptedException {
    ContainerProcess process = process(id, execId, "wait for a process");
    int status = process.child().await();
    // The host is told of the lack of memory no later than of the end it caused.
    oom.look(id);
    return status;
  }

  /** Waits for output; none at its end. */
  ByteString read(String id, String execId, boolean errors, int length, Call call)
      throws InterruptedException {
    String tried = "read from a process";
    if (length <= 0) {
      throw RequestError.invalid(tried, "the length is not positive");
    }
    ProcessStreams streams = process(id, execId, tried).streams();
    return (errors ? streams.errors() : streams.output()).read(length, call);
  }

  /** Sends a signal to one process; one that has ended needs none. */
  void signal(String id, String execId, int signal) {
    String tried = "signal a process";
    checkSignal(signal, tried);
    GuestContainer container = get(id, tried);
    if (execId.isEmpty() && signal == Signal.KILL.number()) {
      signalAll(id, signal);
      return;
    }
    ContainerProcess process = process(id, execId, tried);
    try {
      children.signal(process.child(), signal);
    } catch (LinuxException e) {
      throw RequestError.failed("signal a process of " + container.id(), e);
    }
  }

  /** Sends a signal to all processes in a container. */
  void signalAll(String id, int signal) {
    String tried = "signal all processes";
    checkSignal(signal, tried);
    GuestContainer container = get(id, tried);
    if (signal == Signal.KILL.number()) {
      killAll(container);
      return;
    }
    for (int pid : container.cgroup().processes()) {
      try {
        Processes.kill(pid, signal);
      } catch (LinuxException e) {
        log.debug("not signalled", "pid", Integer.toString(pid), "why", RequestError.reason(e));
      }
    }
  }

  private void killAll(GuestContainer container) {
    try {
      container.cgroup().kill();
    } catch (UncheckedIOException e) {
      // Its cgroup went with its last process, or never came: the first process is what is left.
      children.kill(container.first().child());
    }
  }

  private static void checkSignal(int signal, String tried) {
    if (signal < 1 || signal > Signal.MAX_NUMBER) {
      throw RequestError.invalid(tried, "there is no signal " + signal);
    }
  }

  /** Stops or continues all processes of a container. */
  void pause(String id, boolean pause) throws InterruptedException {
    String tried = (pause ? "pause" : "resume") + " the container " + id;
    GuestContainer container = get(id, tried);
    if (!container.alive()) {
      throw RequestError.wrongState(tried, "it has ended");
    }
    try {
      if (!container.cgroup().freeze(pause)) {
        container.cgroup().write("cgroup.freeze", "0");
        throw RequestError.timedOut(tried, "a process did not stop within 10 s");
      }
    } catch (UncheckedIOException e) {
      throw RequestError.failed(tried, e);
    }
    container.paused(pause);
  }

  /** Applies new limits. */
  void update(String id, LinuxResources resources) throws InterruptedException {
    String tried = "update the container " + id;
    GuestContainer container = get(id, tried);
    Path file = crun.scratch(".resources");
    try {
      String json = JsonWriter.compact(ResourcesJson.of(resources));
      Files.write(file, json.getBytes(StandardCharsets.UTF_8));
      crun.run(
          tried,
          null,
          List.of(),
          List.of("update", "--resources", file.toString(), container.id()));
    } catch (IOException e) {
      throw RequestError.failed(tried, e);
    } finally {
      Crun.delete(file);
    }
  }

  /**
   * Kills what still runs in a container, and takes it away with all that belongs to it.
   *
   * @param nanos how long its processes may take to die; 0 means 30 s
   */
  void remove(String id, long nanos) throws InterruptedException {
    String tried = "remove the container " + id;
    GuestContainer container = get(id, tried);
    synchronized (this) {
      if (!table.remove(id, container)) {
        throw RequestError.notFound(tried, "it is being removed");
      }
      busy.add(id);
    }
    boolean gone = false;
    try {
      kill(container, nanos == 0 ? KILL_NANOS : nanos, tried);
      oom.forget(id);
      container.closeStreams();
      factory.discard(id, container.cgroup(), container.facts().storages());
      gone = true;
      log.info("removed", "container", id);
    } finally {
      publish(id, gone ? null : container);
    }
  }

  private void kill(GuestContainer container, long nanos, String tried)
      throws InterruptedException {
    if (!container.cgroup().processes().isEmpty() || container.alive()) {
      killAll(container);
    }
    long deadline = System.nanoTime() + nanos;
    for (ContainerProcess process : container.processes()) {
      // A further process may live outside of the cgroup's reach only if the kernel failed.
      if (!process.child().await(Math.max(deadline - System.nanoTime(), 1))) {
        throw RequestError.timedOut(tried, "a process of it does not die");
      }
    }
  }

  /** Removes all containers, as far as that goes. */
  void removeAll() throws InterruptedException {
    for (GuestContainer container : new ArrayList<>(all())) {
      try {
        remove(container.id(), 0);
      } catch (RuntimeException e) {
        log.warn("not removed", "container", container.id(), "why", RequestError.reason(e));
      }
    }
  }
}
