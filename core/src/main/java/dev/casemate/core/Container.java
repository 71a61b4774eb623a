package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.ExecId;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A container in a sandbox, from its making to its first process's end. Thread-safe: the state is
 * guarded by this object's monitor, which is never held while the agent is asked.
 */
public final class Container {
  private static final int SIGKILL = 9;

  /**
   * Further processes die with the first one, at once; only a caller that does not take their
   * output makes it longer, and must not hold the container up.
   */
  private static final long EXECS_BOUND_MILLIS = 2_000;

  /**
   * The agent reports a lack of memory before the end that it caused, in another answer: the two
   * arrive within milliseconds.
   */
  private static final long MEMORY_EVENT_BOUND_MILLIS = 200;

  private final ContainerId id;
  private final SandboxPorts ports;
  private final ContainerHooks hooks;
  private final GuestAgent agent;
  private final Sandbox sandbox;
  private final ContainerProcess init;
  private final Map<ExecId, ContainerProcess> execs = new ConcurrentHashMap<>();
  private final Set<ContainerProcess> unfinished = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Boolean> outOfMemory = new CompletableFuture<>();
  private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();

  private ContainerState state = new ContainerState.Creating();
  private boolean startRequested;
  private boolean killed;
  private long memoryEvents;

  Container(
      ContainerRequest request,
      SandboxPorts ports,
      ContainerHooks hooks,
      GuestAgent agent,
      CallerProcess caller,
      Sandbox sandbox) {
    this.id = request.id();
    this.ports = ports;
    this.hooks = hooks;
    this.agent = agent;
    this.sandbox = sandbox;
    init = process(ProcessId.init(id), caller);
  }

  private ContainerProcess process(ProcessId id, CallerProcess caller) {
    return new ContainerProcess(
        id, agent, caller, sandbox::reasonOfSilence, ports.observer()::warned);
  }

  /** Its name. */
  public ContainerId id() {
    return id;
  }

  /** The host process that stands in for its first process. */
  public long pid() {
    return init.pid();
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
    pids.add(init.pid());
    for (ContainerProcess exec : execs.values()) {
      pids.add(exec.pid());
    }
    return pids;
  }

  void create(GuestContainer guestContainer) {
    hooks.beforeCreation(pid());
    agent.createContainer(guestContainer);
    try {
      init.connect();
    } catch (RuntimeException failure) {
      remove(failure);
      throw failure;
    }
    synchronized (this) {
      state = new ContainerState.Created();
    }
    Thread.ofVirtual().name("wait-" + id()).start(this::awaitEnd);
  }

  /** Takes it out of the guest, because of a failure. */
  private void remove(RuntimeException because) {
    try {
      agent.removeContainer(id());
    } catch (CasemateException unremovable) {
      because.addSuppressed(unremovable);
    }
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
      sandbox.refreshNetwork();
      agent.startContainer(id());
    } catch (CasemateException refused) {
      if (refused.code() != ErrorCode.AGENT_SILENT) {
        // A program that cannot be executed ends the container, as under every OCI runtime.
        remove(refused);
      }
      throw refused;
    }
    become(new ContainerState.Created(), new ContainerState.Running());
    hooks.afterStart(pid());
  }

  /**
   * Starts a further process, also before the first one was let go. When it fails, finishing the
   * caller's side stays its maker's.
   */
  public void exec(ExecId exec, ProcessSpec process, CallerProcess execCaller) {
    requireExecutable();
    ContainerProcess further = process(ProcessId.exec(id(), exec), execCaller);
    if (execs.putIfAbsent(exec, further) != null) {
      throw new CasemateException(
          ErrorCode.ALREADY_EXISTS,
          "exec " + exec + " in container " + id(),
          "the container has a process of that name",
          "choose another name");
    }
    unfinished.add(further);
    try {
      start(further, process);
    } catch (RuntimeException failure) {
      unfinished.remove(further);
      execs.remove(exec);
      throw failure;
    }
    Thread.ofVirtual()
        .name("wait-" + further.id())
        .start(() -> {
          ExitStatus status = further.awaitEnd();
          execs.remove(exec);
          further.finish(status.code());
          unfinished.remove(further);
        });
  }

  private void start(ContainerProcess further, ProcessSpec process) {
    agent.exec(further.id(), process);
    try {
      further.connect();
    } catch (RuntimeException failure) {
      further.kill();
      throw failure;
    }
  }

  /**
   * Sends a signal, 1 to 64, to the first process or to all. SIGKILL works whatever the agent does:
   * one that does not answer loses its machine.
   */
  public void kill(int signal, boolean all) {
    synchronized (this) {
      if (state instanceof ContainerState.Stopped) {
        // In the words that engines look for when they ask for the end of what has ended.
        throw new CasemateException(
            ErrorCode.WRONG_STATE,
            "signal container " + id(),
            "it is stopped: container not running",
            ContainerState.Stopped.ADVICE);
      }
      requireAlive("signal");
      killed |= signal == SIGKILL;
    }
    try {
      if (all) {
        agent.signalAll(id(), signal);
      } else {
        agent.signal(init.id(), signal);
      }
    } catch (CasemateException failure) {
      if (signal != SIGKILL || failure.code() != ErrorCode.AGENT_SILENT) {
        throw failure;
      }
      sandbox.stop();
    }
  }

  /**
   * Sends a signal, 1 to 64, to a further process.
   *
   * @throws CasemateException NOT_FOUND when it has ended or never was
   */
  public void kill(ExecId exec, int signal) {
    if (!execs.containsKey(exec)) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND,
          "kill exec " + exec + " in container " + id(),
          "the container has no such process, or it has ended",
          "");
    }
    agent.signal(ProcessId.exec(id(), exec), signal);
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
    requireAlive("resize a terminal of");
    agent.resizeTerminal(new ProcessId(id(), exec), size);
  }

  void markOutOfMemory() {
    synchronized (this) {
      memoryEvents++;
      notifyAll();
    }
    outOfMemory.complete(true);
    ports.observer().outOfMemory(this);
  }

  /** Takes it out of the guest; what is not there any more counts as taken. */
  void remove() {
    try {
      agent.removeContainer(id());
    } catch (CasemateException refused) {
      if (refused.code() != ErrorCode.NOT_FOUND && refused.code() != ErrorCode.AGENT_SILENT) {
        throw refused;
      }
    }
  }

  /**
   * Waits until the guest's kernel has killed in it for memory more often than the caller knows of,
   * until the container has stopped, or until the bound runs out.
   *
   * @param known how often the caller knows of, 0 at first
   * @return how often it has by now
   */
  public synchronized long awaitOutOfMemory(long known, Duration bound) {
    long deadline = System.nanoTime() + bound.toNanos();
    try {
      while (memoryEvents <= known && !(state instanceof ContainerState.Stopped)) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          break;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return memoryEvents;
  }

  private void awaitEnd() {
    ExitStatus status = explained(init.awaitEnd());
    endExecs();
    synchronized (this) {
      state = new ContainerState.Stopped(status);
      notifyAll();
    }
    try {
      ports.observer().changed(this);
    } finally {
      exit.complete(status);
    }
  }

  /** With the reason, when the guest's kernel killed for memory. */
  private ExitStatus explained(ExitStatus status) {
    if (status.code() != ExitStatus.MACHINE_DIED || status.reason().isPresent()) {
      return status;
    }
    long bound = wasKilled() ? 0 : MEMORY_EVENT_BOUND_MILLIS;
    boolean memory =
        outOfMemory.copy().completeOnTimeout(false, bound, TimeUnit.MILLISECONDS).join();
    return memory
        ? new ExitStatus(status.code(), status.at(), Optional.of("out of memory in the guest"))
        : status;
  }

  private synchronized boolean wasKilled() {
    return killed;
  }

  /** Lets further processes end, so that their callers learn how; they do not outlive the first. */
  private void endExecs() {
    List<ContainerProcess> left = List.copyOf(unfinished);
    if (left.isEmpty()) {
      return;
    }
    try {
      // Without a pid namespace of the container's own the kernel leaves them running.
      agent.signalAll(id(), SIGKILL);
    } catch (CasemateException allGone) {
      // Or the agent is, and with it the machine.
    }
    CompletableFuture.allOf(
            left.stream().map(ContainerProcess::finished).toArray(CompletableFuture<?>[]::new))
        .completeOnTimeout(null, EXECS_BOUND_MILLIS, TimeUnit.MILLISECONDS)
        .join();
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

  private synchronized void requireExecutable() {
    switch (state) {
      case ContainerState.Created _, ContainerState.Running _ -> {}
      case ContainerState.Creating _ -> throw wrongState("exec in", "wait until it is made");
      case ContainerState.Paused _ -> throw wrongState("exec in", "resume it first");
      case ContainerState.Stopped _ -> throw wrongState("exec in", ContainerState.Stopped.ADVICE);
    }
  }

  private synchronized void requireAlive(String verb) {
    switch (state) {
      case ContainerState.Creating _ -> throw wrongState(verb, "wait until it is made");
      case ContainerState.Stopped _ -> throw wrongState(verb, ContainerState.Stopped.ADVICE);
      case ContainerState.Created _, ContainerState.Running _, ContainerState.Paused _ -> {}
    }
  }

  private synchronized CasemateException wrongState(String verb, String advice) {
    return new CasemateException(
        ErrorCode.WRONG_STATE,
        verb + " container " + id(),
        "it is " + state.status().text(),
        advice);
  }
}
