package dev.casemate.shim;

import dev.casemate.core.Container;
import dev.casemate.core.ContainerObserver;
import dev.casemate.core.ContainerRequest;
import dev.casemate.core.ExitStatus;
import dev.casemate.core.Phases;
import dev.casemate.core.Sandbox;
import dev.casemate.core.SandboxRequest;
import dev.casemate.host.hooks.HostHooks;
import dev.casemate.host.monitor.HostSandbox;
import dev.casemate.host.monitor.JoinedNamespaces;
import dev.casemate.host.state.RunDirectory;
import dev.casemate.linux.Signal;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Spec;
import dev.casemate.shim.containerd.Mount;
import dev.casemate.shim.containerd.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The containers of one sandbox, and the sandbox. Thread-safe: the monitor guards what is being
 * made, and is never held while agent or VMM are asked.
 */
final class Pod implements ContainerObserver {
  /**
   * A guest that has not killed by then is killed itself: an emulated one under load takes some
   * seconds, and whoever stops a pod waits for a minute or two.
   */
  private static final Duration KILL_BOUND = Duration.ofSeconds(30);

  /** A container that was never started ends when the guest has removed it. */
  private static final Duration END_BOUND = Duration.ofSeconds(30);

  private final ShimContext context;
  private final ContainerId name;
  private final HostSandbox host;
  private final Phases phases;
  private final CompletableFuture<Sandbox> machine = new CompletableFuture<>();
  private final Map<ContainerId, Task> tasks = new ConcurrentHashMap<>();
  private final Map<ContainerId, TaskMaking> makings = new ConcurrentHashMap<>();
  private final AtomicInteger names = new AtomicInteger();
  private final Set<ContainerId> reserved = new HashSet<>();
  private @Nullable SandboxRequest awaitsHooks;

  private Pod(ShimContext context, ContainerId name, HostSandbox host, Phases phases) {
    this.context = context;
    this.name = name;
    this.host = host;
    this.phases = phases;
  }

  /**
   * A pod whose machine begins to boot at once; nothing waits for it here. One whose first
   * container has hooks that may fill the network namespace boots when they have run.
   *
   * @param name of the sandbox: its first container's id
   * @param bundle of its first container
   */
  static Pod begin(ShimContext context, ContainerId name, Path bundle, Phases phases) {
    Spec spec = readSpec(bundle);
    if (PodRole.of(spec) instanceof PodRole.Single) {
      JoinedNamespaces.refuseAll(spec);
    }
    HostSandbox host =
        HostSandbox.make(
            context.runtime(),
            RunDirectory.choose(),
            name,
            spec,
            HostSandbox.Wishes.USUAL,
            context.log()::warn);
    try {
      Pod pod = new Pod(context, name, host, phases);
      // From now on whoever finds this process dead can clean up after it.
      TaskMaking first = TaskMaking.claim(pod, name, bundle, spec);
      pod.makings.put(name, first);
      host.cgroups().add(ProcessHandle.current().pid());
      SandboxRequest request =
          context.runtime().sandboxRequest(name, spec, PodLimits.of(spec), host.run());
      if (spec.hooks().precedeCreation()) {
        pod.awaitsHooks = request;
      } else {
        Thread.ofPlatform().daemon().name("boot").start(() -> pod.boot(request));
      }
      return pod;
    } catch (RuntimeException failure) {
      host.close();
      throw failure;
    }
  }

  private void boot(SandboxRequest request) {
    complete(() -> host.boot(request, this, phases));
  }

  private void complete(Supplier<Sandbox> boot) {
    try {
      machine.complete(boot.get());
    } catch (RuntimeException failure) {
      machine.completeExceptionally(failure);
    }
  }

  ShimContext context() {
    return context;
  }

  HostSandbox host() {
    return host;
  }

  Phases phases() {
    return phases;
  }

  /** A name for what belongs to one of its containers, short and unique in the sandbox. */
  String nextName() {
    return "task-" + names.incrementAndGet();
  }

  ShimLog log() {
    return context.log();
  }

  /**
   * The machine, once it runs.
   *
   * @param container for which it is booted now, if that has waited for the container's hooks
   * @param pid the container's stand-in
   */
  Sandbox machineFor(ContainerRequest container, long pid) {
    SandboxRequest waiting = container.id().equals(name) ? takeWaiting() : null;
    if (waiting != null) {
      complete(() -> host.boot(waiting, this, container, pid, phases));
    }
    return machine();
  }

  private synchronized @Nullable SandboxRequest takeWaiting() {
    SandboxRequest waiting = awaitsHooks;
    awaitsHooks = null;
    return waiting;
  }

  private Sandbox machine() {
    try {
      // Bounded by the boot's own bounds.
      return machine.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failure;
    }
  }

  /** The container of that name. */
  Task task(String id) {
    Task task = tasks.get(new ContainerId(id));
    if (task == null) {
      throw TaskErrors.noContainer(id);
    }
    return task;
  }

  /** The sandbox's first container, or null when it is not there. */
  @Nullable Task first() {
    return tasks.get(name);
  }

  /** Whether it has containers, or is making one. */
  synchronized boolean isInUse() {
    return !tasks.isEmpty() || !reserved.isEmpty();
  }

  /**
   * Makes a container.
   *
   * @param rootfs what the snapshotter says its root file system is; empty when it is there
   */
  Task create(ContainerId id, Path bundle, List<Mount> rootfs, Stdio stdio) {
    Spec spec = readSpec(bundle);
    PodRole role = PodRole.of(spec);
    reserve(id, role);
    try {
      Task sandbox = first();
      if (role instanceof PodRole.Member && sandbox != null) {
        JoinedNamespaces.refuseOthersThan(sandbox.pid(), spec);
      }
      TaskMaking claimed = makings.get(id);
      TaskMaking making = claimed == null ? TaskMaking.claim(this, id, bundle, spec) : claimed;
      makings.put(id, making);
      try {
        Task task = making.make(role, rootfs, stdio);
        tasks.put(id, task);
        task.events().created(bundle, rootfs, stdio, task.pid());
        task.watch();
        return task;
      } catch (RuntimeException failure) {
        makings.remove(id);
        making.undo();
        throw failure;
      }
    } finally {
      synchronized (this) {
        reserved.remove(id);
      }
    }
  }

  private synchronized void reserve(ContainerId id, PodRole role) {
    if (tasks.containsKey(id) || reserved.contains(id)) {
      throw TaskErrors.exists("container " + id);
    }
    switch (role) {
      case PodRole.PodSandbox _, PodRole.Single _ -> {
        if (!id.equals(name)) {
          throw refused(id, "this shim serves the sandbox " + name + " alone");
        }
      }
      case PodRole.Member member -> {
        if (!member.sandbox().equals(name)) {
          throw refused(id, "it belongs to the sandbox " + member.sandbox() + ", not " + name);
        }
        Task sandbox = tasks.get(name);
        if (sandbox == null || sandbox.ended().isDone()) {
          throw refused(id, "its pod's sandbox " + name + " is gone");
        }
      }
    }
    reserved.add(id);
  }

  private static CasemateException refused(ContainerId id, String why) {
    return new CasemateException(
        ErrorCode.WRONG_STATE, "create container " + id, why, "make the pod again");
  }

  private static Spec readSpec(Path bundle) {
    Path file = bundle.resolve(Spec.FILE_NAME);
    try {
      return Spec.parse(Files.readAllBytes(file));
    } catch (NoSuchFileException missing) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND, "read " + file, "there is no such file", "", missing);
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT, "read " + file, String.valueOf(failure), "", failure);
    }
  }

  /**
   * Sends a signal to a container's first process or to all. SIGKILL needs no help from the guest:
   * when it does not answer, the machine is killed and everything in it.
   */
  void kill(Task task, int signal, boolean all) {
    if (signal != Signal.KILL.number()) {
      task.kill(signal, all);
      return;
    }
    CompletableFuture<Void> killed =
        CompletableFuture.runAsync(
            () -> task.kill(signal, all), t -> Thread.ofVirtual().name("kill").start(t));
    try {
      killed.get(KILL_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException silent) {
      log().warn("the guest does not kill container " + task.id() + ": its machine is killed");
      host.stop();
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof CasemateException refused
          && refused.code() == ErrorCode.AGENT_SILENT) {
        host.stop();
      } else if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      } else {
        throw new IllegalStateException(failure);
      }
    } catch (InterruptedException giveUp) {
      Thread.currentThread().interrupt();
    }
  }

  /** Is told by a container that its first process has ended. */
  void hasEnded(Task task) {
    TaskMaking making = makings.get(task.id());
    if (making != null && making.isAlone()) {
      // Nothing else will run in the machine; what its only container wrote is still in there.
      task.awaitOutput();
      host.stop();
    }
  }

  /**
   * Takes a container away, which must have ended or never been started; what it was.
   *
   * @throws dev.casemate.protocol.TtrpcException FAILED_PRECONDITION while it runs
   */
  ProcessView delete(String id) {
    Task task = task(id);
    Status status = task.view().status();
    if (status == Status.RUNNING || status == Status.PAUSED) {
      throw TaskErrors.precondition("cannot delete a running process");
    }
    if (status == Status.CREATED) {
      machine().remove(task.id());
      task.awaitEnd(END_BOUND);
    }
    if (!tasks.remove(task.id(), task)) {
      throw TaskErrors.noContainer(id);
    }
    task.releaseStreams();
    ProcessView last = task.view();
    ExitStatus exit =
        last.exit() == null
            ? new ExitStatus(ExitStatus.MACHINE_DIED, Instant.now(), Optional.empty())
            : last.exit();
    if (tasks.isEmpty()) {
      host.stop();
    }
    TaskMaking making = makings.remove(task.id());
    if (making != null) {
      making.undo();
      making.runPoststopHooks(new HostHooks(log()::warn));
    }
    task.events().deleted(task.pid(), exit);
    return last;
  }

  /** Ends everything that is left, and removes it. */
  void close() {
    host.stop();
    makings.values().forEach(TaskMaking::undo);
    makings.clear();
    host.close();
  }

  @Override
  public void changed(Container container) {
    TaskMaking making = makings.get(container.id());
    if (making != null) {
      try {
        making.ledger().follow(container);
      } catch (CasemateException unwritable) {
        // The container goes on; a reader sees the state before, and our end.
        log().warn(unwritable.getMessage());
      }
    }
  }

  @Override
  public void outOfMemory(Container container) {
    Task task = tasks.get(container.id());
    if (task != null) {
      task.events().outOfMemory();
    }
  }

  @Override
  public void warned(String what) {
    log().warn(what);
  }
}
