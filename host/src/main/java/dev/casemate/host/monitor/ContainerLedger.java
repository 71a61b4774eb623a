package dev.casemate.host.monitor;

import dev.casemate.core.Container;
import dev.casemate.core.ContainerState;
import dev.casemate.core.ExitStatus;
import dev.casemate.core.MachineSummary;
import dev.casemate.core.Phases.Phase;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.host.state.StateStore;
import java.nio.file.Path;
import java.util.List;

/**
 * The record of one container in a store, from the claim of its name on kept in step with the
 * container. Thread-safe.
 */
public final class ContainerLedger {
  private final StateStore store;
  private ContainerRecord record;

  private ContainerLedger(StateStore store, ContainerRecord first) {
    this.store = store;
    this.record = first;
  }

  /**
   * Takes the name, under which the first record stands from then on.
   *
   * @throws dev.casemate.model.CasemateException ALREADY_EXISTS when it is taken
   */
  public static ContainerLedger claim(StateStore store, ContainerRecord first) {
    store.claim(first);
    return new ContainerLedger(store, first);
  }

  /** Notes the control groups that were made for it. */
  public synchronized void placed(List<Path> cgroups) {
    write(record.in(cgroups));
  }

  /**
   * Notes that the container is there.
   *
   * @param pid its stand-in
   */
  public synchronized void made(int pid, MachineSummary machine, List<Phase> phases) {
    write(record.made(pid, machine, phases));
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
    write(record.with(state.status(), exit));
  }

  /** What is recorded. */
  public synchronized ContainerRecord current() {
    return record;
  }

  private void write(ContainerRecord next) {
    record = next;
    store.write(next);
  }

  /** Frees the name; again does nothing. */
  public synchronized void release() {
    store.remove(record.id());
  }
}
