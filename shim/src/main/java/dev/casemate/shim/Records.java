package dev.casemate.shim;

import dev.casemate.host.ContainerRemoval;
import dev.casemate.host.hooks.HostHooks;
import dev.casemate.host.monitor.ContainerLedger;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.host.state.StateStore;
import dev.casemate.host.state.StoredState;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import java.nio.file.Path;

/** Where the records of containerd's containers are: a store for each of its namespaces. */
final class Records {
  private static final Path ROOT = Path.of("/run/casemate/containerd");

  private Records() {}

  /**
   * The store of a namespace.
   *
   * @throws CasemateException INVALID_ARGUMENT for a name that is no file name
   */
  static StateStore store(String namespace) {
    return new StateStore(ROOT.resolve(new ContainerId(namespace).value()));
  }

  /**
   * Takes a container's name. What a dead shim left under it is removed first.
   *
   * @throws CasemateException ALREADY_EXISTS when a living one has it
   */
  static ContainerLedger claim(ShimContext context, ContainerRecord first) {
    ContainerId id = first.id();
    StateStore store = context.store();
    try {
      return ContainerLedger.claim(store, first);
    } catch (CasemateException taken) {
      boolean stale =
          store.find(id) instanceof StoredState.Present present
              && !present.container().monitor().isAlive();
      if (taken.code() != ErrorCode.ALREADY_EXISTS || !stale) {
        throw taken;
      }
      new ContainerRemoval(store, new HostHooks(context.log()::warn)).remove(id, true);
      return ContainerLedger.claim(store, first);
    }
  }
}
