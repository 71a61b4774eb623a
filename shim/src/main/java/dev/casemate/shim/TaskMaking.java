package dev.casemate.shim;

import dev.casemate.core.Container;
import dev.casemate.core.ContainerRequest;
import dev.casemate.core.ExitStatus;
import dev.casemate.core.GuestContainer;
import dev.casemate.core.HookRunner;
import dev.casemate.core.Sandbox;
import dev.casemate.host.caller.CallerLimits;
import dev.casemate.host.caller.StandIn;
import dev.casemate.host.monitor.ContainerLedger;
import dev.casemate.host.monitor.HostSandbox;
import dev.casemate.host.monitor.Unwinding;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.host.state.ProcessIdentity;
import dev.casemate.linux.Signal;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.NamespaceType;
import dev.casemate.model.oci.Spec;
import dev.casemate.shim.containerd.Mount;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes one container of a pod piece by piece, and undoes it, last made first. Owned by one thread
 * at a time: the one that makes it, then the one that deletes it.
 */
final class TaskMaking {
  private final Pod pod;
  private final ContainerId id;
  private final Path bundle;
  private final Spec spec;
  private final ContainerLedger ledger;
  private final Unwinding undo;
  private PodRole role = new PodRole.Single();

  private TaskMaking(
      Pod pod, ContainerId id, Path bundle, Spec spec, ContainerLedger ledger, Unwinding undo) {
    this.pod = pod;
    this.id = id;
    this.bundle = bundle;
    this.spec = spec;
    this.ledger = ledger;
    this.undo = undo;
  }

  /**
   * Begins: takes the name and writes the first record.
   *
   * @throws CasemateException ALREADY_EXISTS when the name is taken
   */
  static TaskMaking claim(Pod pod, ContainerId id, Path bundle, Spec spec) {
    ContainerLedger ledger =
        Records.claim(pod.context(), firstRecord(pod.host(), id, bundle, spec));
    Unwinding undo = new Unwinding(pod.log()::warn);
    undo.add("record", ledger::release);
    if (!(PodRole.of(spec) instanceof PodRole.Member)) {
      // The sandbox goes with its first container.
      undo.add("sandbox", pod.host()::close);
    }
    return new TaskMaking(pod, id, bundle, spec, ledger, undo);
  }

  private static ContainerRecord firstRecord(
      HostSandbox host, ContainerId id, Path bundle, Spec spec) {
    return new ContainerRecord(
        id,
        spec.ociVersion(),
        ContainerStatus.CREATING,
        0,
        bundle,
        rootfs(bundle, spec),
        spec.annotations(),
        Instant.now(),
        0,
        ProcessIdentity.self(),
        host.run().path(),
        PodRole.of(spec) instanceof PodRole.Member ? List.of() : host.cgroups().made(),
        spec.hooks().poststop(),
        null,
        List.of(),
        null);
  }

  private static Path rootfs(Path bundle, Spec spec) {
    return bundle.resolve(spec.root().path()).normalize();
  }

  ContainerLedger ledger() {
    return ledger;
  }

  /** Whether it is the only container that its machine will ever have. */
  boolean isAlone() {
    return role instanceof PodRole.Single;
  }

  /** Makes all the rest; on failure the caller undoes. */
  Task make(PodRole itsRole, List<Mount> mounts, Stdio stdio) {
    role = itsRole;
    HostSandbox host = pod.host();
    RootfsMounts root = RootfsMounts.mount(mounts, rootfs(bundle, spec));
    undo.add("root file system", root::close);
    undo.add("shared files", () -> host.storage().release(id));
    GuestContainer files = host.storage().share(id, bundle, spec);
    ProcessStreams streams = ProcessStreams.open(stdio, id.value(), pod.context().namespace());
    undo.add("streams", streams::release);
    AtomicReference<@Nullable Container> made = new AtomicReference<>();
    StandIn standIn =
        pod.context()
            .standIns()
            .first(
                host.run().pipes(),
                pod.nextName(),
                host.namespaces(spec.linux().namespaces()),
                signal -> forward(made.get(), signal));
    TaskProcess first = new TaskProcess(standIn, streams);
    undo.add("stand-in", () -> first.finish(ExitStatus.MACHINE_DIED));
    GuestContainer guest =
        files.withProcess(CallerLimits.inherited(files.spec().process(), standIn.pid()));
    boolean shares = sharesProcessIds();

    ContainerRequest request = new ContainerRequest(id, bundle, spec);
    Sandbox sandbox = pod.machineFor(request, standIn.pid());
    undo.add("container", () -> removeFrom(sandbox, made.get()));
    Container container =
        sandbox.create(request, shares ? guest.sharingProcessIds() : guest, first, pod.phases());
    made.set(container);
    ledger.made(Math.toIntExact(first.pid()), sandbox.summary(), pod.phases().all());
    TaskEvents events = new TaskEvents(pod.context().events(), id.value());
    return new Task(pod, bundle, stdio, container, first, events);
  }

  private void removeFrom(Sandbox sandbox, @Nullable Container made) {
    if (made != null) {
      sandbox.remove(id);
    }
  }

  /**
   * A pod's sandbox brings the process ids along that its members may share; a member does when its
   * configuration names the namespace of the sandbox's stand-in.
   */
  private boolean sharesProcessIds() {
    return switch (role) {
      case PodRole.PodSandbox _ -> true;
      case PodRole.Single _ -> false;
      case PodRole.Member _ -> {
        Namespace asked = spec.linux().namespace(NamespaceType.PID);
        // Another's was refused.
        yield asked != null && asked.path() != null && !asked.path().isEmpty();
      }
    };
  }

  private void forward(@Nullable Container container, Signal signal) {
    if (container == null || signal == Signal.WINCH) {
      return;
    }
    try {
      container.kill(signal.number(), false);
    } catch (CasemateException tooLate) {
      pod.log().debug("signal " + signal + " for " + id + ": " + tooLate.why());
    }
  }

  /** Undoes what was made; again does nothing. */
  void undo() {
    undo.run();
  }

  /** What the configuration wants to be run after the end. */
  void runPoststopHooks(HookRunner hooks) {
    ContainerRecord last = ledger.current();
    if (!last.poststop().isEmpty()) {
      hooks.run(
          HookRunner.Moment.POSTSTOP,
          last.poststop(),
          last.with(ContainerStatus.STOPPED, last.exit()).ociState());
    }
  }
}
