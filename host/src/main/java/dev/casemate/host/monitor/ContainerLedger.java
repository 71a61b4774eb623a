package dev.casemate.host.monitor;

import dev.casemate.core.Container;
import dev.casemate.core.ContainerState;
import dev.casemate.core.ExitStatus;
import dev.casemate.core.MachineSummary;
import dev.casemate.core.Phases.Phase;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.host.state.StateStore;
import dev.casemate.model.ContainerId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The record of one container in a store, from the claim of its name on kept in step with the
 * container. Thread-safe.
 */
public final class ContainerLedger {
  private final StateStore store;
  private final ContainerId id;
  private @Nullable ContainerRecord record;

  private ContainerLedger(StateStore store, ContainerId id) {
    this.store = store;
    this.id = id;
  }

  /**
   * Takes the name.
   *
   * @throws dev.casemate.model.CasemateException ALREADY_EXISTS when it is taken
   */
  public static ContainerLedger claim(StateStore store, ContainerId id) {
    store.claim(id);
    return new ContainerLedger(store, id);
  }

  /** Writes the first record. */
  public synchronized void open(ContainerRecord first) {
    write(first);
  }

  /**
   * Notes that the container is there.
   *
   * @param pid its stand-in
   */
  public synchronized void made(int pid, MachineSummary machine, List<Phase> phases) {
    write(current().made(pid, machine, phases));
  }

  /**
   * Notes the container's present state.
   *
   * @throws dev.casemate.model.CasemateException when it cannot be written; a reader sees the state
   *     before then, and our end
   */
  public synchronized void follow(Container container) {
    ContainerState state = container.state();
    ExitStatus exit = state instanceof ContainerState.Stopped stopped ? stopped.exit() : null;
    write(current().with(state.status(), exit));
  }

  /** What is recorded. */
  public synchronized ContainerRecord current() {
    if (record == null) {
      throw new IllegalStateException("nothing is recorded yet");
    }
    return record;
  }

  private void write(ContainerRecord next) {
    record = next;
    store.write(next);
  }

  /** Frees the name; again does nothing. */
  public void release() {
    store.remove(id);
  }
}
