package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.ExecId;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.Hooks;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.Spec;
import dev.casemate.model.oci.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A container in a sandbox, from its making to its first process's end. Thread-safe: the state is
 * guarded by this object's monitor, which is never held while the agent is asked.
 */
public final class Container {
  private static final int SIGKILL = 9;

  private final ContainerRequest request;
  private final SandboxPorts ports;
  private final GuestAgent agent;
  private final CallerProcess caller;
  private final Function<CasemateException, String> reasonOfSilence;
  private final Map<ExecId, CallerProcess> execs = new ConcurrentHashMap<>();
  private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();

  private ContainerState state = new ContainerState.Created();
  private boolean startRequested;
  private boolean outOfMemory;

  Container(
      ContainerRequest request,
      SandboxPorts ports,
      GuestAgent agent,
      CallerProcess caller,
      Function<CasemateException, String> reasonOfSilence) {
    this.request = request;
    this.ports = ports;
    this.agent = agent;
    this.caller = caller;
    this.reasonOfSilence = reasonOfSilence;
  }

  /** Its name. */
  public ContainerId id() {
    return request.id();
  }

  /** The host process that stands in for its first process. */
  public long pid() {
    return caller.pid();
  }

  /** Where it is in its life. */
  public synchronized ContainerState state() {
    return state;
  }

  /**
   * Completes when the first process has ended and everything that it wrote has reached the caller;
   * never exceptionally.
   */
  public CompletableFuture<ExitStatus> exit() {
    return exit;
  }

  /** The stand-ins of the container's processes. */
  public List<Long> hostPids() {
    List<Long> pids = new ArrayList<>();
    pids.add(caller.pid());
    for (CallerProcess exec : execs.values()) {
      pids.add(exec.pid());
    }
    return pids;
  }

  void create(GuestContainer guestContainer) {
    runHooks(HookRunner.Moment.PRESTART, Hooks::prestart, ContainerStatus.CREATING);
    runHooks(HookRunner.Moment.CREATE_RUNTIME, Hooks::createRuntime, ContainerStatus.CREATING);
    runHooks(HookRunner.Moment.CREATE_CONTAINER, Hooks::createContainer, ContainerStatus.CREATING);
    agent.createContainer(guestContainer);
    ProcessId init = ProcessId.init(id());
    caller.connect(agent, init);
    Thread.ofVirtual().name("wait-" + id()).start(this::awaitEnd);
    killWhenLost(caller, init);
  }

  /** Lets the first process go. */
  public void start() {
    synchronized (this) {
      if (!(state instanceof ContainerState.Created) || startRequested) {
        throw wrongState("start", "only a created container can be started");
      }
      startRequested = true;
    }
    try {
      agent.startContainer(id());
    } catch (CasemateException refused) {
      // A program that cannot be executed ends the container, as under every OCI runtime.
      agent.removeContainer(id());
      throw refused;
    }
    become(new ContainerState.Created(), new ContainerState.Running());
    runHooks(HookRunner.Moment.POSTSTART, Hooks::poststart, ContainerStatus.RUNNING);
  }

  /** Starts a further process. */
  public void exec(ExecId exec, ProcessSpec process, CallerProcess execCaller) {
    requireAlive("exec in");
    if (execs.putIfAbsent(exec, execCaller) != null) {
      throw new CasemateException(
          ErrorCode.ALREADY_EXISTS,
          "exec " + exec + " in container " + id(),
          "the container has a process of that name",
          "choose another name");
    }
    ProcessId process2 = ProcessId.exec(id(), exec);
    try {
      agent.exec(process2, process);
    } catch (RuntimeException failure) {
      execs.remove(exec);
      throw failure;
    }
    execCaller.connect(agent, process2);
    killWhenLost(execCaller, process2);
    Thread.ofVirtual()
        .name("wait-" + process2)
        .start(() -> {
          ExitStatus status = waitFor(process2);
          execCaller.drain();
          execs.remove(exec);
          execCaller.finish(status.code());
        });
  }

  /** Sends a signal, 1 to 64, to the first process or to all. */
  public void kill(int signal, boolean all) {
    synchronized (this) {
      if (state instanceof ContainerState.Stopped) {
        throw wrongState("kill", "it has stopped");
      }
    }
    if (all) {
      agent.signalAll(id(), signal);
    } else {
      agent.signal(ProcessId.init(id()), signal);
    }
  }

  /** Freezes every process. */
  public void pause() {
    requireState("pause", ContainerState.Running.class, "only a running container can be paused");
    agent.pause(id());
    become(new ContainerState.Running(), new ContainerState.Paused());
  }

  /** Undoes {@link #pause}. */
  public void resume() {
    requireState("resume", ContainerState.Paused.class, "only a paused container can be resumed");
    agent.resume(id());
    become(new ContainerState.Paused(), new ContainerState.Running());
  }

  /** Changes limits. */
  public void update(Resources resources) {
    requireAlive("update");
    agent.update(id(), resources);
  }

  /** What it uses. */
  public ContainerStats stats() {
    requireAlive("read the statistics of");
    return agent.stats(id());
  }

  /** The processes in it. */
  public List<GuestProcessInfo> processes() {
    requireAlive("list the processes of");
    return agent.processes(id());
  }

  /** Sets the size of a process's terminal. */
  public void resize(Optional<ExecId> exec, TerminalSize size) {
    agent.resizeTerminal(new ProcessId(id(), exec), size);
  }

  synchronized void markOutOfMemory() {
    outOfMemory = true;
  }

  private void awaitEnd() {
    ExitStatus status = waitFor(ProcessId.init(id()));
    caller.drain();
    synchronized (this) {
      if (outOfMemory && status.reason().isEmpty()) {
        status =
            new ExitStatus(status.code(), status.at(), Optional.of("out of memory in the guest"));
      }
      state = new ContainerState.Stopped(status);
    }
    ports.observer().changed(this);
    exit.complete(status);
  }

  private ExitStatus waitFor(ProcessId id) {
    try {
      return new ExitStatus(agent.waitFor(id), Instant.now(), Optional.empty());
    } catch (CasemateException silence) {
      return new ExitStatus(
          ExitStatus.MACHINE_DIED, Instant.now(), Optional.of(reasonOfSilence.apply(silence)));
    }
  }

  private void killWhenLost(CallerProcess lostCaller, ProcessId id) {
    var _ =
        lostCaller
            .lost()
            .thenRunAsync(
                () -> {
                  try {
                    agent.signal(id, SIGKILL);
                  } catch (CasemateException alreadyGone) {
                    ports.observer().warned("kill " + id + ": " + alreadyGone.why());
                  }
                },
                task -> Thread.ofVirtual().name("lost-" + id).start(task));
  }

  private void runHooks(
      HookRunner.Moment moment, Function<Hooks, List<Hook>> which, ContainerStatus status) {
    List<Hook> hooks = which.apply(request.spec().hooks());
    if (!hooks.isEmpty()) {
      ports.hooks().run(moment, hooks, ociState(status));
    }
  }

  private State ociState(ContainerStatus status) {
    Spec spec = request.spec();
    return new State(
        spec.ociVersion(),
        id(),
        status,
        Math.toIntExact(caller.pid()),
        request.bundle().toString(),
        spec.annotations());
  }

  /** Moves on, unless the container ended or was moved meanwhile. */
  private void become(ContainerState from, ContainerState to) {
    synchronized (this) {
      if (!state.equals(from)) {
        return;
      }
      state = to;
    }
    ports.observer().changed(this);
  }

  private synchronized void requireState(
      String verb, Class<? extends ContainerState> required, String why) {
    if (!required.isInstance(state)) {
      throw wrongState(verb, why);
    }
  }

  private synchronized void requireAlive(String verb) {
    if (state instanceof ContainerState.Stopped) {
      throw wrongState(verb, "it has stopped");
    }
  }

  private synchronized CasemateException wrongState(String verb, String why) {
    return new CasemateException(
        ErrorCode.WRONG_STATE,
        verb + " container " + id(),
        "it is " + state.status().text() + "; " + why,
        "");
  }
}
