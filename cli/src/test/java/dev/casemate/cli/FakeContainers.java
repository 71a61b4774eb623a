package dev.casemate.cli;

import dev.casemate.core.TerminalSize;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.ExecId;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Containers that only exist here; notes what was asked. Stand-ins are shells that end at once. */
final class FakeContainers implements Containers {
  final Map<String, ContainerView> containers = Collections.synchronizedMap(new LinkedHashMap<>());
  final List<String> calls = new ArrayList<>();
  ProcessList processes = new ProcessList(List.of(), List.of());
  JsonObject stats = JsonObject.EMPTY;
  Optional<ProcessSpec> executed = Optional.empty();
  Resources updated = Resources.NONE;
  List<String> notes = List.of();
  long memoryEvents;
  int exitCode;

  void add(String id, ContainerStatus status) {
    containers.put(
        id,
        new ContainerView(
            new ContainerId(id),
            status == ContainerStatus.STOPPED ? 0 : 4711,
            status,
            "/bundles/" + id,
            "/bundles/" + id + "/rootfs",
            "2026-11-27T09:34:50.208808159Z",
            0,
            Map.of(),
            Optional.empty()));
  }

  @Override
  public ContainerView find(ContainerId id) {
    ContainerView container = containers.get(id.value());
    if (container == null) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND, "find container " + id, "container does not exist", "");
    }
    return container;
  }

  @Override
  public List<ContainerView> list() {
    return List.copyOf(containers.values());
  }

  private final class FakeCreation implements Creation {
    private final String name;
    private boolean complete;
    private boolean closed;

    FakeCreation(String name) {
      this.name = name;
    }

    @Override
    public List<String> standInCommand() {
      return List.of("sh", "-c", "exit " + exitCode);
    }

    @Override
    public String standInTerminal() {
      return "";
    }

    @Override
    public CreationReport complete(long standInPid) {
      calls.add(name);
      complete = true;
      return CreationReport.NONE;
    }

    @Override
    public boolean isComplete() {
      return complete;
    }

    @Override
    public void close() {
      if (!closed) {
        calls.add("close");
      }
      closed = true;
    }
  }

  @Override
  public Creation create(CreationOrder order) {
    add(order.id().value(), ContainerStatus.CREATED);
    return new FakeCreation("create " + order.id() + " " + order.bundle());
  }

  @Override
  public Creation exec(
      ContainerView container, ExecId exec, ProcessSpec process, Optional<String> consoleSocket) {
    executed = Optional.of(process);
    return new FakeCreation("exec " + container.id());
  }

  @Override
  public void start(ContainerId id) {
    calls.add("start " + id);
  }

  @Override
  public void kill(ContainerId id, int signal, boolean all) {
    calls.add("kill " + id + " " + signal + (all ? " all" : ""));
  }

  @Override
  public void delete(ContainerId id, boolean force) {
    find(id);
    containers.remove(id.value());
    calls.add("delete " + id + (force ? " force" : ""));
  }

  @Override
  public void pause(ContainerId id) {
    calls.add("pause " + id);
  }

  @Override
  public void resume(ContainerId id) {
    calls.add("resume " + id);
  }

  @Override
  public List<String> update(ContainerId id, Resources resources) {
    updated = resources;
    calls.add("update " + id);
    return notes;
  }

  @Override
  public ProcessList processes(ContainerId id) {
    return processes;
  }

  @Override
  public JsonObject stats(ContainerId id) {
    return stats;
  }

  @Override
  public long awaitOutOfMemory(ContainerId id, long known) {
    if (known == memoryEvents) {
      add(id.value(), ContainerStatus.STOPPED);
    }
    return memoryEvents;
  }

  @Override
  public void resize(ContainerId id, Optional<ExecId> exec, TerminalSize size) {
    calls.add("resize " + id);
  }
}
