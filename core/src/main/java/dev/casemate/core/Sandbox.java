package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A virtual machine with the containers in it. Thread-safe; no lock is held while agent or VMM are
 * asked.
 */
public final class Sandbox {
  /** A VMM that does not quit within this is killed; its guest has nothing left to save by then. */
  private static final Duration STOP_BOUND = Duration.ofSeconds(2);

  /** How long after the agent fell silent the VMM's own end may take to be known. */
  private static final Duration EXIT_KNOWN_BOUND = Duration.ofSeconds(2);

  private final SandboxPorts ports;
  private final VirtualMachine machine;
  private final FileLoss fileLoss;
  private final GuestAgent agent;
  private final NetworkUpkeep network;
  private final Map<ContainerId, ContainerHooks> prepared = new ConcurrentHashMap<>();
  private final Map<ContainerId, Container> containers = new ConcurrentHashMap<>();

  private Sandbox(
      SandboxPorts ports,
      VirtualMachine machine,
      FileLoss fileLoss,
      GuestAgent agent,
      NetworkUpkeep network) {
    this.ports = ports;
    this.machine = machine;
    this.fileLoss = fileLoss;
    this.agent = agent;
    this.network = network;
  }

  /**
   * The same for a sandbox that is made with a container: the container's hooks that run before its
   * creation run before the machine is launched, since it is there that engines set up the network.
   * The container is then created as any other.
   *
   * @param pid the process id of what stands in for the container's first process, in the sandbox's
   *     namespaces on the host
   * @throws CasemateException HOOK_FAILED, before anything is made
   */
  public static Sandbox start(
      SandboxRequest request, SandboxPorts ports, ContainerRequest first, long pid, Phases phases) {
    ContainerHooks hooks = new ContainerHooks(first, ports.hooks());
    hooks.beforeCreation(pid);
    phases.end("hooks");
    Sandbox sandbox = start(request, ports, phases);
    sandbox.prepared.put(first.id(), hooks);
    return sandbox;
  }

  /**
   * Boots a machine to a ready agent. The first container's files have been shared already. When it
   * fails nothing of the machine is left; storage and network stay their makers' to close.
   */
  public static Sandbox start(SandboxRequest request, SandboxPorts ports, Phases phases) {
    List<MachineDevice> devices = new ArrayList<>(ports.storage().open());
    phases.end("storage");
    devices.addAll(ports.network().open(ports.hypervisor().capabilities()));
    phases.end("cards");
    MachineSpec spec =
        new MachineSpec(
            request.id(),
            request.runDirectory(),
            request.size().vcpus(),
            request.size().memoryBytes(),
            request.guest(),
            devices,
            request.credentials());
    VirtualMachine machine = launch(spec, ports);
    FileLoss fileLoss = FileLoss.watch(ports.storage(), machine);
    try {
      phases.end("vmm");
      GuestAgent agent = boot(request, ports, machine, phases);
      Sandbox sandbox = new Sandbox(ports, machine, fileLoss, agent, follow(ports, agent, phases));
      Thread.ofVirtual().name("out-of-memory-watch").start(sandbox::watchMemory);
      return sandbox;
    } catch (RuntimeException failure) {
      RuntimeException error =
          failure instanceof CasemateException known ? explain(known, fileLoss, machine) : failure;
      fileLoss.stopWatching();
      try {
        machine.stop(STOP_BOUND);
      } catch (CasemateException immortal) {
        error.addSuppressed(immortal);
      }
      throw error;
    }
  }

  private static VirtualMachine launch(MachineSpec spec, SandboxPorts ports) {
    try {
      return ports.hypervisor().launch(spec);
    } catch (CasemateException failure) {
      throw FileLoss.explainLaunch(ports.storage(), failure);
    }
  }

  private static GuestAgent boot(
      SandboxRequest request, SandboxPorts ports, VirtualMachine machine, Phases phases) {
    GuestChannel channel = machine.openAgentChannel(request.bootBound());
    GuestAgent agent = ports.connector().connect(channel);
    try {
      agent.greet(request.bootBound());
      phases.end("boot");
      agent.setClock(Instant.now());
      agent.prepareSandbox(
          new GuestSandbox(request.id(), request.hostname(), ports.storage().guestMounts()));
      phases.end("sandbox");
      return agent;
    } catch (RuntimeException failure) {
      agent.close();
      throw failure;
    }
  }

  private static NetworkUpkeep follow(SandboxPorts ports, GuestAgent agent, Phases phases) {
    try {
      NetworkUpkeep network = NetworkUpkeep.begin(ports.network(), agent, ports.observer());
      phases.end("network");
      return network;
    } catch (RuntimeException failure) {
      agent.close();
      throw failure;
    }
  }

  /** What the agent itself reports needs no explanation; its silence does. */
  private static CasemateException explain(
      CasemateException failure, FileLoss fileLoss, VirtualMachine machine) {
    return fileLoss
        .explain(failure)
        .orElseGet(
            () -> failure.code() == ErrorCode.AGENT_SILENT ? machine.explain(failure) : failure);
  }

  /**
   * Makes a container in the machine and runs the hooks that belong to it. When it fails, nothing
   * of the container is left in the guest.
   *
   * @param guestContainer the container as the storage shares it
   * @param caller the caller's side of its first process, which stays its maker's to finish
   * @throws CasemateException ALREADY_EXISTS for a second one of that name
   */
  public Container create(
      ContainerRequest request,
      GuestContainer guestContainer,
      CallerProcess caller,
      Phases phases) {
    ContainerHooks hooks = prepared.remove(request.id());
    Container container =
        new Container(
            request,
            ports,
            hooks == null ? new ContainerHooks(request, ports.hooks()) : hooks,
            agent,
            caller,
            this);
    if (containers.putIfAbsent(request.id(), container) != null) {
      throw new CasemateException(
          ErrorCode.ALREADY_EXISTS,
          "create container " + request.id(),
          "the sandbox has a container of that name",
          "choose another name");
    }
    try {
      container.create(guestContainer);
    } catch (RuntimeException failure) {
      containers.remove(request.id(), container);
      throw failure instanceof CasemateException known ? explain(known) : failure;
    }
    phases.end("container");
    return container;
  }

  /** The container of that name. */
  public Container container(ContainerId id) {
    Container container = containers.get(id);
    if (container == null) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND, "find container " + id, "the sandbox has no such container", "");
    }
    return container;
  }

  /**
   * Takes a container out of the machine, whatever runs in it. Its files stay shared. A machine
   * that is dead has none any more.
   */
  public void remove(ContainerId id) {
    Container container = container(id);
    container.remove();
    containers.remove(id, container);
  }

  /**
   * What a failed request to a container really failed of: a machine that died leaves only an
   * agent's silence behind. Other failures stay what they are.
   */
  public CasemateException explain(CasemateException failure) {
    return explain(failure, fileLoss, machine);
  }

  /** The machine, for people. */
  public MachineSummary summary() {
    return machine.summary();
  }

  /** Ends the machine and everything in it; works in every state and more than once. */
  public void stop() {
    network.stop();
    fileLoss.stopWatching();
    agent.close();
    machine.stop(STOP_BOUND);
  }

  /**
   * Gives the guest the interfaces that have come since it was told last: some engines add them
   * between a container's creation and its start.
   *
   * @throws CasemateException UNSUPPORTED when the machine cannot have them all
   */
  void refreshNetwork() {
    network.refresh();
  }

  /** Why the agent fell silent: most often because its machine died or was ended. */
  String reasonOfSilence(CasemateException silence) {
    Optional<String> lostFiles = fileLoss.reason();
    if (lostFiles.isPresent()) {
      return lostFiles.get();
    }
    try {
      return machine.exit().get(EXIT_KNOWN_BOUND.toMillis(), TimeUnit.MILLISECONDS).describe();
    } catch (TimeoutException stillRuns) {
      return "the guest agent fell silent: " + silence.why();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return silence.why();
    } catch (java.util.concurrent.ExecutionException impossible) {
      throw new IllegalStateException("a machine's exit never fails", impossible);
    }
  }

  private void watchMemory() {
    try {
      while (true) {
        Optional.ofNullable(containers.get(agent.awaitOutOfMemory()))
            .ifPresent(Container::markOutOfMemory);
      }
    } catch (CasemateException sandboxEnds) {
      // The agent is gone, and with it every event still to come.
    }
  }
}
