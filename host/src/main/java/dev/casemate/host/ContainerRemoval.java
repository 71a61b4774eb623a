package dev.casemate.host;

import dev.casemate.core.HookRunner;
import dev.casemate.host.cgroup.CgroupRemoval;
import dev.casemate.host.control.ControlClient;
import dev.casemate.host.control.ControlRequest;
import dev.casemate.host.network.NetworkTraces;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.host.state.ProcessIdentity;
import dev.casemate.host.state.RunDirectory;
import dev.casemate.host.state.StateStore;
import dev.casemate.host.state.StoredState;
import dev.casemate.host.storage.DirectoryStorage;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.State;
import java.time.Duration;
import java.util.Optional;

/**
 * Removes a container, with its monitor's help when that lives and without when it does not.
 * Whatever is missing by then counts as removed.
 */
public final class ContainerRemoval {
  /** A monitor that was told to end stops a machine and removes directories. */
  private static final Duration MONITOR_BOUND = Duration.ofSeconds(30);

  private static final long POLL_MILLIS = 2;

  private final StateStore store;
  private final HookRunner hooks;

  /** Removes from a store; poststop hooks are run by a runner. */
  public ContainerRemoval(StateStore store, HookRunner hooks) {
    this.store = store;
    this.hooks = hooks;
  }

  /**
   * Removes a container.
   *
   * @param force whether a running one is killed
   * @throws CasemateException NOT_FOUND without one, unless forced; WRONG_STATE for one that runs
   */
  public void remove(ContainerId id, boolean force) {
    StoredState found = store.find(id);
    if (found instanceof StoredState.Present present) {
      remove(present.container(), force);
      return;
    }
    if (!force) {
      found.require(id, "delete");
    }
    // A name without a record is freed, however it came to be.
    store.remove(id);
  }

  private void remove(ContainerRecord container, boolean force) {
    ContainerStatus status = container.statusNow();
    boolean runs = status == ContainerStatus.RUNNING || status == ContainerStatus.PAUSED;
    if (!force && (runs || status == ContainerStatus.CREATING)) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "delete container " + container.id(),
          "it is " + status.text() + " and not stopped",
          "kill it first, or use --force");
    }
    if (status != ContainerStatus.STOPPED && status != ContainerStatus.CREATING) {
      destroy(container);
    }
    awaitMonitor(container.monitor());
    removeRemains(container);
    if (!container.poststop().isEmpty()) {
      hooks.run(HookRunner.Moment.POSTSTOP, container.poststop(), stopped(container));
    }
  }

  /**
   * Removes what a monitor left that died while it made a container; one that ended in order left
   * nothing. Only for who knows that it is dead, and hooks were not heard of yet.
   *
   * @param maker the monitor's process id
   */
  public void removeUnfinished(ContainerId id, long maker) {
    store.discardClaims(maker);
    if (store.find(id) instanceof StoredState.Present(ContainerRecord container)
        && container.monitor().pid() == maker
        && !container.monitor().isAlive()) {
      removeRemains(container);
    }
  }

  private void removeRemains(ContainerRecord container) {
    new CgroupRemoval(container.cgroups()).remove();
    DirectoryStorage.removeTraces(container.runDirectory());
    new NetworkTraces(container.runDirectory()).remove();
    new RunDirectory(container.runDirectory()).remove();
    store.remove(container.id());
  }

  private static State stopped(ContainerRecord container) {
    return container.with(ContainerStatus.STOPPED, container.exit()).ociState();
  }

  private static void destroy(ContainerRecord container) {
    try (ControlClient client = ControlClient.connect(container.controlSocket())) {
      client.call(new ControlRequest.Destroy());
    } catch (CasemateException monitorDied) {
      // Then what it looked after is removed from here.
    }
  }

  /** Waits for the monitor's end, and kills it when it does not come. */
  private static void awaitMonitor(ProcessIdentity monitor) {
    long deadline = System.nanoTime() + MONITOR_BOUND.toNanos();
    while (monitor.isAlive()) {
      if (System.nanoTime() > deadline) {
        Optional<ProcessHandle> handle = ProcessHandle.of(monitor.pid());
        handle.ifPresent(ProcessHandle::destroyForcibly);
        deadline = System.nanoTime() + MONITOR_BOUND.toNanos();
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new CasemateException(
            ErrorCode.CANCELLED, "wait for the monitor's end", "interrupted", "", interrupted);
      }
    }
  }
}
