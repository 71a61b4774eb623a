package dev.casemate.cli;

import dev.casemate.core.GuestProcessInfo;
import dev.casemate.core.TerminalSize;
import dev.casemate.host.ContainerRemoval;
import dev.casemate.host.control.ControlClient;
import dev.casemate.host.control.ControlRequest;
import dev.casemate.host.control.CreateRequest;
import dev.casemate.host.control.MonitorProcess;
import dev.casemate.host.control.StandInCommand;
import dev.casemate.host.control.StandInFifos;
import dev.casemate.host.control.StandInPlace;
import dev.casemate.host.hooks.HostHooks;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.host.state.StateStore;
import dev.casemate.host.state.StoredState;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.ExecId;
import dev.casemate.model.Rfc3339;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The containers of this host, through their state files and their monitors. */
final class HostContainers implements Containers {
  private final Path root;
  private final StateStore store;

  HostContainers(Path root) {
    this.root = root;
    this.store = new StateStore(root);
  }

  @Override
  public ContainerView find(ContainerId id) {
    return view(require(id));
  }

  private ContainerRecord require(ContainerId id) {
    return store.require(id, "find");
  }

  private static ContainerView view(ContainerRecord record) {
    ContainerStatus status = record.statusNow();
    return new ContainerView(
        record.id(),
        status == ContainerStatus.STOPPED ? 0 : record.pid(),
        status,
        record.bundle().toString(),
        record.rootfs().toString(),
        Rfc3339.text(record.created()),
        record.owner(),
        record.annotations(),
        record.reasonOfEnd());
  }

  @Override
  public List<ContainerView> list() {
    List<ContainerView> views = new ArrayList<>();
    for (ContainerId id : store.list()) {
      if (store.find(id) instanceof StoredState.Present present) {
        views.add(view(present.container()));
      }
    }
    return views;
  }

  @Override
  public Creation create(CreationOrder order) {
    if (!(store.find(order.id()) instanceof StoredState.Absent)) {
      // The claim decides; this only spares a monitor, and says it in the words that engines know.
      throw new CasemateException(
          ErrorCode.ALREADY_EXISTS,
          "create container " + order.id(),
          "container with given ID already exists",
          "choose another id, or delete that container first");
    }
    CreateRequest request =
        new CreateRequest(
            root,
            order.id(),
            Path.of(order.bundle()),
            order.consoleSocket().isEmpty() ? null : Path.of(order.consoleSocket().get()),
            order.scratch(),
            order.loopbackOnly(),
            System.currentTimeMillis());
    Path home = Installation.home();
    MonitorProcess monitor = MonitorProcess.begin(home, request);
    try {
      StandInPlace place = monitor.awaitReady();
      List<String> command = StandInCommand.first(home, Bundle.spec(order.bundle()), place);
      return new FirstProcess(order.id(), monitor, command, order.consoleSocket().isPresent());
    } catch (RuntimeException failure) {
      undo(order.id(), monitor);
      throw failure;
    }
  }

  /** Ends a monitor whose container shall not be; what one leaves that was killed goes, too. */
  private void undo(ContainerId id, MonitorProcess monitor) {
    monitor.close();
    if (!monitor.isCommitted()) {
      removal().removeUnfinished(id, monitor.pid());
    }
  }

  private ContainerRemoval removal() {
    return new ContainerRemoval(store, new HostHooks(HostContainers::ignore));
  }

  /** A new container's first process. */
  private final class FirstProcess implements Creation {
    private final ContainerId id;
    private final MonitorProcess monitor;
    private final List<String> command;
    private final boolean detachedTerminal;

    FirstProcess(
        ContainerId id, MonitorProcess monitor, List<String> command, boolean detachedTerminal) {
      this.id = id;
      this.monitor = monitor;
      this.command = List.copyOf(command);
      this.detachedTerminal = detachedTerminal;
    }

    @Override
    public List<String> standInCommand() {
      return command;
    }

    @Override
    public String standInTerminal() {
      return detachedTerminal ? "/dev/null" : "";
    }

    @Override
    public CreationReport complete(long standInPid) {
      monitor.nameStandIn(standInPid);
      MonitorProcess.Made made = monitor.awaitMade();
      monitor.commit();
      return new CreationReport(Optional.of(made.machine()), made.phases());
    }

    @Override
    public boolean isComplete() {
      return monitor.isCommitted();
    }

    @Override
    public void close() {
      undo(id, monitor);
    }
  }

  @Override
  public Creation exec(
      ContainerView container, ExecId exec, ProcessSpec process, Optional<String> consoleSocket) {
    ControlClient client = ControlClient.connect(require(container.id()).controlSocket());
    try {
      Path socket = consoleSocket.isEmpty() ? null : Path.of(consoleSocket.get());
      StandInFifos fifos = client.beginExec(new ControlRequest.Exec(exec, process, socket));
      List<String> command = StandInCommand.further(Installation.home(), container.pid(), fifos);
      return new FurtherProcess(client, command, socket != null);
    } catch (RuntimeException failure) {
      client.close();
      throw failure;
    }
  }

  /** A process added to a container. */
  private static final class FurtherProcess implements Creation {
    private final ControlClient client;
    private final List<String> command;
    private final boolean detachedTerminal;
    private volatile boolean complete;

    FurtherProcess(ControlClient client, List<String> command, boolean detachedTerminal) {
      this.client = client;
      this.command = List.copyOf(command);
      this.detachedTerminal = detachedTerminal;
    }

    @Override
    public List<String> standInCommand() {
      return command;
    }

    @Override
    public String standInTerminal() {
      return detachedTerminal ? "/dev/null" : "";
    }

    @Override
    public CreationReport complete(long standInPid) {
      client.finishExec(standInPid);
      complete = true;
      return CreationReport.NONE;
    }

    @Override
    public boolean isComplete() {
      return complete;
    }

    @Override
    public void close() {
      client.close();
    }
  }

  private JsonCursor call(ContainerId id, ControlRequest request) {
    ContainerRecord container = require(id);
    if (container.statusNow() == ContainerStatus.CREATING) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          request.kind() + " container " + id,
          "it is still being made",
          "wait until it is made");
    }
    try (ControlClient client = ControlClient.connect(container.controlSocket())) {
      return client.call(request);
    }
  }

  @Override
  public void start(ContainerId id) {
    call(id, new ControlRequest.Start());
  }

  @Override
  public void kill(ContainerId id, int signal, boolean all) {
    call(id, new ControlRequest.Kill(signal, all));
  }

  @Override
  public void delete(ContainerId id, boolean force) {
    removal().remove(id, force);
  }

  /** A poststop hook that fails changes nothing for whoever deletes (runtime-spec, "Lifecycle"). */
  private static void ignore(String warning) {}

  @Override
  public void pause(ContainerId id) {
    call(id, new ControlRequest.Pause());
  }

  @Override
  public void resume(ContainerId id) {
    call(id, new ControlRequest.Resume());
  }

  @Override
  public List<String> update(ContainerId id, Resources resources) {
    return call(id, new ControlRequest.Update(resources)).texts("notes");
  }

  @Override
  public ProcessList processes(ContainerId id) {
    JsonCursor answer = call(id, new ControlRequest.Processes());
    List<GuestProcessInfo> processes = new ArrayList<>();
    for (JsonCursor at : answer.elements("processes")) {
      processes.add(
          new GuestProcessInfo(
              at.require("pid").int32(),
              at.require("parent").int32(),
              at.require("uid").int32(),
              at.textOrEmpty("state"),
              Duration.ofMillis(at.require("cpuMillis").integer(0, Long.MAX_VALUE)),
              at.textOrEmpty("command")));
    }
    List<Long> hostPids = new ArrayList<>();
    for (JsonCursor pid : answer.elements("hostPids")) {
      hostPids.add(pid.integer(1, Integer.MAX_VALUE));
    }
    return new ProcessList(processes, hostPids);
  }

  @Override
  public JsonObject stats(ContainerId id) {
    return call(id, new ControlRequest.Stats()).object();
  }

  @Override
  public long awaitOutOfMemory(ContainerId id, long known) {
    return call(id, new ControlRequest.AwaitOutOfMemory(known))
        .require("count")
        .integer(0, Long.MAX_VALUE);
  }

  @Override
  public void resize(ContainerId id, Optional<ExecId> exec, TerminalSize size) {
    call(id, new ControlRequest.Resize(exec.orElse(null), size));
  }
}
