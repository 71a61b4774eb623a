package dev.casemate.shim;

import dev.casemate.core.Phases;
import dev.casemate.model.ContainerId;
import dev.casemate.shim.containerd.Mount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the services work on: the pod of this shim, once there is one, and its end. Thread-safe. */
final class Pods {
  private final ShimContext context;
  private final Runnable end;
  private final ContainerMetrics metrics = ContainerMetrics.ofHost();
  private @Nullable Pod pod;

  /**
   * None yet.
   *
   * @param end ends the shim; called once no container is left and containerd wants it, does not
   *     wait
   */
  Pods(ShimContext context, Runnable end) {
    this.context = context;
    this.end = end;
  }

  /** Begins the pod, whose machine boots from now on. */
  synchronized void begin(ContainerId name, Path bundle, Phases phases) {
    pod = Pod.begin(context, name, bundle, phases);
  }

  private synchronized Optional<Pod> pod() {
    return Optional.ofNullable(pod);
  }

  ContainerMetrics metrics() {
    return metrics;
  }

  /** Whether there is a container, or one is being made. */
  boolean isInUse() {
    return pod().map(Pod::isInUse).orElse(false);
  }

  Task create(ContainerId id, Path bundle, List<Mount> rootfs, Stdio stdio) {
    Pod there =
        pod().orElseThrow(() -> TaskErrors.precondition("the sandbox of " + id + " is not there"));
    return there.create(id, bundle, rootfs, stdio);
  }

  /** The container of that name. */
  Task task(String id) {
    return pod().orElseThrow(() -> TaskErrors.noContainer(id)).task(id);
  }

  void kill(String id, int signal, boolean all) {
    Pod there = pod().orElseThrow(() -> TaskErrors.noContainer(id));
    there.kill(there.task(id), signal, all);
  }

  ProcessView delete(String id) {
    return pod().orElseThrow(() -> TaskErrors.noContainer(id)).delete(id);
  }

  /** Ends the shim, unless it still has containers: then it was meant for one that is gone. */
  void shutdown() {
    if (!isInUse()) {
      end.run();
    }
  }

  /** Ends everything that is left, and removes it. */
  void close() {
    pod().ifPresent(Pod::close);
  }
}
