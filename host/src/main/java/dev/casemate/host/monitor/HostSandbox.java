package dev.casemate.host.monitor;

import dev.casemate.core.ContainerObserver;
import dev.casemate.core.ContainerRequest;
import dev.casemate.core.ContainerStorage;
import dev.casemate.core.Phases;
import dev.casemate.core.Sandbox;
import dev.casemate.core.SandboxNetwork;
import dev.casemate.core.SandboxRequest;
import dev.casemate.host.HostRuntime;
import dev.casemate.host.cgroup.SandboxCgroups;
import dev.casemate.host.network.NoNetwork;
import dev.casemate.host.network.SandboxNamespace;
import dev.casemate.host.state.DiskSpace;
import dev.casemate.host.state.RunDirectory;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A sandbox with all that it consists of on this host: a run directory, control groups, a network
 * namespace, shared files, a machine. Made piece by piece by one thread, since its makers have
 * things of their own to do in between; {@link #stop} and {@link #close} undo what there is, last
 * made first, from any thread and more than once.
 */
public final class HostSandbox {
  private final HostRuntime runtime;
  private final RunDirectory run;
  private final SandboxCgroups cgroups;
  private final SandboxNamespace namespace;
  private final SandboxNetwork network;
  private final ContainerStorage storage;
  private final Unwinding groundwork;
  private final Unwinding running;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private boolean stopping;
  private boolean closing;

  private HostSandbox(
      HostRuntime runtime,
      RunDirectory run,
      SandboxCgroups cgroups,
      SandboxNamespace namespace,
      SandboxNetwork network,
      ContainerStorage storage,
      Unwinding groundwork,
      Consumer<String> log) {
    this.runtime = runtime;
    this.run = run;
    this.cgroups = cgroups;
    this.namespace = namespace;
    this.network = network;
    this.storage = storage;
    this.groundwork = groundwork;
    running = new Unwinding(log);
    running.add("storage", storage::close);
    running.add("network", network::close);
  }

  /**
   * What a sandbox is to be beyond what its first container's configuration says.
   *
   * @param scratch whether what containers write to their root file systems is thrown away
   * @param loopbackOnly whether the machine gets nothing of the network namespace
   */
  public record Wishes(boolean scratch, boolean loopbackOnly) {
    /** Files that stay, and the whole network. */
    public static final Wishes USUAL = new Wishes(false, false);
  }

  /**
   * Makes directory, control groups and, where none is given, the network namespace; nothing runs
   * yet. On failure nothing is left.
   *
   * @param run a directory that is yet to be made
   * @param id names the control group that nobody asked to be elsewhere
   * @param spec of the first container
   * @param log is told what cannot be had or undone
   * @throws CasemateException UNSUPPORTED for the host's network, before anything is made
   */
  public static HostSandbox make(
      HostRuntime runtime,
      RunDirectory run,
      ContainerId id,
      Spec spec,
      Wishes wishes,
      Consumer<String> log) {
    Unwinding groundwork = new Unwinding(log);
    try {
      SandboxNamespace namespace = SandboxNamespace.of(spec);
      groundwork.add("network namespace", namespace::close);
      groundwork.add("run directory", run::remove);
      run.make();
      SandboxCgroups cgroups = SandboxCgroups.create(spec.linux().cgroupsPath(), id);
      groundwork.add("control groups", cgroups::remove);
      SandboxNetwork network =
          wishes.loopbackOnly() ? new NoNetwork() : runtime.network(namespace, run, log);
      ContainerStorage storage = runtime.storage(run, wishes.scratch(), log);
      return new HostSandbox(runtime, run, cgroups, namespace, network, storage, groundwork, log);
    } catch (RuntimeException failure) {
      RuntimeException error =
          failure instanceof CasemateException known
              ? DiskSpace.explain(known, List.of(run.path()))
              : failure;
      groundwork.run();
      throw error;
    }
  }

  /** The sandbox's directory. */
  public RunDirectory run() {
    return run;
  }

  /** The sandbox's control groups. */
  public SandboxCgroups cgroups() {
    return cgroups;
  }

  /** Where on this host the processes of a container belong that asks for these namespaces. */
  public List<Namespace> namespaces(List<Namespace> asked) {
    return namespace.forContainer(asked);
  }

  /** The file of its network namespace, for as long as this process lives. */
  public Path networkNamespace() {
    return namespace.file();
  }

  /** The files of its containers. */
  public ContainerStorage storage() {
    return storage;
  }

  /**
   * Boots the machine; on failure none is left.
   *
   * @throws CasemateException CANCELLED when the sandbox was stopped meanwhile
   */
  public Sandbox boot(SandboxRequest request, ContainerObserver observer, Phases phases) {
    return kept(Sandbox.start(request, runtime.ports(storage, network, cgroups, observer), phases));
  }

  /**
   * The same after the hooks of its first container, which may fill the network namespace.
   *
   * @param pid the container's stand-in, which is where it shall be
   * @throws CasemateException HOOK_FAILED, and nothing was booted
   */
  public Sandbox boot(
      SandboxRequest request,
      ContainerObserver observer,
      ContainerRequest first,
      long pid,
      Phases phases) {
    return kept(
        Sandbox.start(
            request, runtime.ports(storage, network, cgroups, observer), first, pid, phases));
  }

  private Sandbox kept(Sandbox sandbox) {
    if (!keep(sandbox)) {
      sandbox.stop();
      throw new CasemateException(
          ErrorCode.CANCELLED, "boot the sandbox", "it was stopped meanwhile", "");
    }
    return sandbox;
  }

  private synchronized boolean keep(Sandbox sandbox) {
    if (stopping) {
      return false;
    }
    running.add("machine", sandbox::stop);
    return true;
  }

  /** Ends the machine, then what served files to it; returns when both are gone. */
  public void stop() {
    if (isFirstToStop()) {
      running.run();
      stopped.complete(null);
    }
    stopped.join();
  }

  private synchronized boolean isFirstToStop() {
    boolean first = !stopping;
    stopping = true;
    return first;
  }

  /** Stops, and removes all of it; returns when it is gone. */
  public void close() {
    stop();
    if (isFirstToClose()) {
      groundwork.run();
      closed.complete(null);
    }
    closed.join();
  }

  private synchronized boolean isFirstToClose() {
    boolean first = !closing;
    closing = true;
    return first;
  }
}
