package dev.casemate.cli;

import dev.casemate.core.TerminalSize;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ExecId;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import java.util.List;
import java.util.Optional;

/**
 * What the verbs ask of the host: the containers below one state root. Every method throws {@link
 * dev.casemate.model.CasemateException}; NOT_FOUND where there is no such container.
 */
interface Containers {
  /** One container, from its state file; no other process is asked. */
  ContainerView find(ContainerId id);

  /** Every container, by name. One that cannot be read is left out. */
  List<ContainerView> list();

  /** Begins to make a container; the result must be closed. */
  Creation create(CreationOrder order);

  /** Begins a further process; the result must be closed. */
  Creation exec(
      ContainerView container, ExecId exec, ProcessSpec process, Optional<String> consoleSocket);

  /** Lets the first process go. */
  void start(ContainerId id);

  /** Sends a signal, 0 to 64. */
  void kill(ContainerId id, int signal, boolean all);

  /** Removes it, killing it first if {@code force}. */
  void delete(ContainerId id, boolean force);

  /** Freezes it. */
  void pause(ContainerId id);

  /** Lets it run on. */
  void resume(ContainerId id);

  /** Changes limits; absent ones stay. Tells what could not be changed, a sentence each. */
  List<String> update(ContainerId id, Resources resources);

  /** Its processes. */
  ProcessList processes(ContainerId id);

  /** What it uses, with the members that runc's statistics have. */
  JsonObject stats(ContainerId id);

  /**
   * Waits until the guest's kernel has killed in the container for memory more often than is known,
   * until the container has stopped, or for a while; how often that was.
   */
  long awaitOutOfMemory(ContainerId id, long known);

  /** Sets the size of a process's terminal. */
  void resize(ContainerId id, Optional<ExecId> exec, TerminalSize size);
}
