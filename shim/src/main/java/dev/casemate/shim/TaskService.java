package dev.casemate.shim;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.casemate.core.ContainerStats;
import dev.casemate.core.ExitStatus;
import dev.casemate.core.GuestProcessInfo;
import dev.casemate.core.TerminalSize;
import dev.casemate.linux.Signal;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.ExecId;
import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import dev.casemate.protocol.Call;
import dev.casemate.protocol.Service;
import dev.casemate.protocol.StatusCode;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.shim.containerd.CheckpointTaskRequest;
import dev.casemate.shim.containerd.CloseIORequest;
import dev.casemate.shim.containerd.ConnectRequest;
import dev.casemate.shim.containerd.ConnectResponse;
import dev.casemate.shim.containerd.CreateTaskRequest;
import dev.casemate.shim.containerd.CreateTaskResponse;
import dev.casemate.shim.containerd.DeleteRequest;
import dev.casemate.shim.containerd.DeleteResponse;
import dev.casemate.shim.containerd.ExecProcessRequest;
import dev.casemate.shim.containerd.KillRequest;
import dev.casemate.shim.containerd.PauseRequest;
import dev.casemate.shim.containerd.PidsRequest;
import dev.casemate.shim.containerd.PidsResponse;
import dev.casemate.shim.containerd.ProcessDetails;
import dev.casemate.shim.containerd.ProcessInfo;
import dev.casemate.shim.containerd.ResizePtyRequest;
import dev.casemate.shim.containerd.ResumeRequest;
import dev.casemate.shim.containerd.ShutdownRequest;
import dev.casemate.shim.containerd.StartRequest;
import dev.casemate.shim.containerd.StartResponse;
import dev.casemate.shim.containerd.StateRequest;
import dev.casemate.shim.containerd.StateResponse;
import dev.casemate.shim.containerd.StatsRequest;
import dev.casemate.shim.containerd.StatsResponse;
import dev.casemate.shim.containerd.UpdateTaskRequest;
import dev.casemate.shim.containerd.WaitRequest;
import dev.casemate.shim.containerd.WaitResponse;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * containerd's Task service. Versions 2 and 3 differ in nothing but the name. Requests run side by
 * side; what one waits for holds up no other.
 */
final class TaskService implements Service {
  /** The names of its two versions. */
  static final List<String> NAMES = List.of("containerd.task.v2.Task", "containerd.task.v3.Task");

  private static final String PROCESS = "types.containerd.io/opencontainers/runtime-spec/1/Process";
  private static final String RESOURCES =
      "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources";

  /** The largest process id that Linux gives (PID_MAX_LIMIT); what is above is no host process. */
  private static final int PID_LIMIT = 1 << 22;

  private final String serviceName;
  private final Pods pods;

  TaskService(String serviceName, Pods pods) {
    this.serviceName = serviceName;
    this.pods = pods;
  }

  @Override
  public String serviceName() {
    return serviceName;
  }

  @Override
  public @Nullable Method method(String name) {
    return switch (name) {
      case "State" -> Service.unary(StateRequest.parser(), this::state);
      case "Create" -> Service.unary(CreateTaskRequest.parser(), this::create);
      case "Start" -> Service.unary(StartRequest.parser(), this::start);
      case "Delete" -> Service.unary(DeleteRequest.parser(), this::delete);
      case "Pids" -> Service.unary(PidsRequest.parser(), this::pids);
      case "Pause" -> Service.empty(PauseRequest.parser(), (r, _) -> pods.task(r.getId()).pause());
      case "Resume" ->
          Service.empty(ResumeRequest.parser(), (r, _) -> pods.task(r.getId()).resume());
      case "Checkpoint" -> Service.empty(CheckpointTaskRequest.parser(), TaskService::checkpoint);
      case "Kill" -> Service.empty(KillRequest.parser(), this::kill);
      case "Exec" -> Service.empty(ExecProcessRequest.parser(), this::exec);
      case "ResizePty" -> Service.empty(ResizePtyRequest.parser(), this::resize);
      case "CloseIO" -> Service.empty(CloseIORequest.parser(), this::closeInput);
      case "Update" -> Service.empty(UpdateTaskRequest.parser(), this::update);
      case "Wait" -> Service.unary(WaitRequest.parser(), this::await);
      case "Stats" -> Service.unary(StatsRequest.parser(), this::stats);
      case "Connect" -> Service.unary(ConnectRequest.parser(), this::connect);
      case "Shutdown" -> Service.empty(ShutdownRequest.parser(), (_, _) -> pods.shutdown());
      default -> null;
    };
  }

  private CreateTaskResponse create(CreateTaskRequest request, Call call) {
    if (!request.getCheckpoint().isEmpty()) {
      throw new TtrpcException(
          StatusCode.UNIMPLEMENTED, "casemate restores no containers from checkpoints");
    }
    RuntimeOptions.check(request.getOptions());
    Stdio stdio =
        new Stdio(
            request.getTerminal(), request.getStdin(), request.getStdout(), request.getStderr());
    Task task =
        pods.create(
            new ContainerId(request.getId()),
            Path.of(request.getBundle()),
            request.getRootfsList(),
            stdio);
    return CreateTaskResponse.newBuilder().setPid(task.pid()).build();
  }

  private StartResponse start(StartRequest request, Call call) {
    Task task = pods.task(request.getId());
    int pid;
    if (request.getExecId().isEmpty()) {
      task.start();
      pid = task.pid();
    } else {
      pid = task.exec(request.getExecId()).start();
    }
    return StartResponse.newBuilder().setPid(pid).build();
  }

  private StateResponse state(StateRequest request, Call call) {
    Task task = pods.task(request.getId());
    String exec = request.getExecId();
    ProcessView view = exec.isEmpty() ? task.view() : task.exec(exec).view();
    ExitStatus exit = view.exit();
    return StateResponse.newBuilder()
        .setId(view.id())
        .setBundle(task.bundle().toString())
        .setPid(view.pid())
        .setStatus(view.status())
        .setStdin(view.stdio().stdin())
        .setStdout(view.stdio().stdout())
        .setStderr(view.stdio().stderr())
        .setTerminal(view.stdio().terminal())
        .setExitStatus(view.exitCode())
        .setExitedAt(Timestamps.of(exit == null ? null : exit.at()))
        .build();
  }

  private DeleteResponse delete(DeleteRequest request, Call call) {
    String exec = request.getExecId();
    ProcessView view =
        exec.isEmpty() ? pods.delete(request.getId()) : pods.task(request.getId()).deleteExec(exec);
    ExitStatus exit = view.exit();
    return DeleteResponse.newBuilder()
        .setPid(view.pid())
        .setExitStatus(view.exitCode())
        .setExitedAt(Timestamps.of(exit == null ? null : exit.at()))
        .build();
  }

  /**
   * The host's stand-ins, and for each process that the container started by itself a number that
   * no process of a host has: who looks them up on the host finds nothing wrong.
   */
  private PidsResponse pids(PidsRequest request, Call call) {
    Task task = pods.task(request.getId());
    PidsResponse.Builder response = PidsResponse.newBuilder();
    for (Map.Entry<Integer, String> standIn : task.standIns().entrySet()) {
      ProcessInfo.Builder info = ProcessInfo.newBuilder().setPid(standIn.getKey());
      if (!standIn.getValue().isEmpty()) {
        info.setInfo(
            Messages.any(
                "containerd.runc.v1.ProcessDetails",
                ProcessDetails.newBuilder().setExecId(standIn.getValue()).build()));
      }
      response.addProcesses(info);
    }
    if (task.ended().isDone()) {
      return response.build();
    }
    List<GuestProcessInfo> inGuest = task.container().processes();
    Set<Integer> known = new HashSet<>();
    inGuest.forEach(process -> known.add(process.pid()));
    for (GuestProcessInfo process : inGuest) {
      // What we started is a child of the agent, which is not in the container.
      if (known.contains(process.parent())) {
        response.addProcesses(ProcessInfo.newBuilder().setPid(PID_LIMIT + process.pid()));
      }
    }
    return response.build();
  }

  private static void checkpoint(CheckpointTaskRequest request, Call call) {
    throw new TtrpcException(
        StatusCode.UNIMPLEMENTED,
        "casemate does not implement Checkpoint: a container's state is in its machine's memory");
  }

  private void kill(KillRequest request, Call call) {
    int signal = request.getSignal();
    if (signal < 1 || signal > Signal.MAX_NUMBER) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "send a signal to container " + request.getId(),
          "there is no signal " + Integer.toUnsignedString(signal),
          "");
    }
    if (request.getExecId().isEmpty()) {
      pods.kill(request.getId(), signal, request.getAll());
    } else {
      pods.task(request.getId()).exec(request.getExecId()).kill(signal);
    }
  }

  private void exec(ExecProcessRequest request, Call call) {
    Task task = pods.task(request.getId());
    ProcessSpec spec = ProcessSpec.parse(document(request.getSpec(), PROCESS, "process"));
    Stdio stdio =
        new Stdio(
            request.getTerminal(), request.getStdin(), request.getStdout(), request.getStderr());
    task.addExec(
        new ExecId(request.getExecId()),
        spec.withCommand(spec.args(), spec.env(), request.getTerminal()),
        stdio);
  }

  /** The JSON document in a message that containerd's typeurl package wrapped. */
  private static JsonCursor document(Any any, String type, String name) {
    String wanted = type.substring(type.lastIndexOf('/') + 1);
    if (!any.getTypeUrl().equals(type) && !any.getTypeUrl().endsWith("/" + wanted)) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "read the " + name,
          "it is of type '" + any.getTypeUrl() + "', not " + type,
          "");
    }
    ByteString text = any.getValue();
    return JsonCursor.of(Json.parseObject(text.toByteArray(), name, JsonLimits.OCI), name);
  }

  private void resize(ResizePtyRequest request, Call call) {
    TerminalSize size = new TerminalSize(request.getWidth(), request.getHeight());
    Task task = pods.task(request.getId());
    if (request.getExecId().isEmpty()) {
      task.resize(size);
    } else {
      task.exec(request.getExecId()).resize(size);
    }
  }

  private void closeInput(CloseIORequest request, Call call) {
    if (!request.getStdin()) {
      return;
    }
    Task task = pods.task(request.getId());
    if (request.getExecId().isEmpty()) {
      task.closeInput();
    } else {
      task.exec(request.getExecId()).closeInput();
    }
  }

  private void update(UpdateTaskRequest request, Call call) {
    Task task = pods.task(request.getId());
    task.container()
        .update(Resources.parse(document(request.getResources(), RESOURCES, "resources")));
  }

  private WaitResponse await(WaitRequest request, Call call) throws InterruptedException {
    Task task = pods.task(request.getId());
    String exec = request.getExecId();
    CompletableFuture<ExitStatus> ended = exec.isEmpty() ? task.ended() : task.exec(exec).ended();
    try {
      // For as long as the process lives; the connection's end or the caller's bound interrupt it.
      ExitStatus exit = ended.get();
      return WaitResponse.newBuilder()
          .setExitStatus(exit.code())
          .setExitedAt(Timestamps.of(exit.at()))
          .build();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("an end never fails", impossible);
    }
  }

  private StatsResponse stats(StatsRequest request, Call call) {
    ContainerStats stats = pods.task(request.getId()).container().stats();
    return StatsResponse.newBuilder().setStats(pods.metrics().of(stats)).build();
  }

  /**
   * What containerd asks first after its restart: a shim without the container was started by a
   * containerd that died before it used it, and goes when it says so.
   */
  private ConnectResponse connect(ConnectRequest request, Call call) {
    return ConnectResponse.newBuilder()
        .setShimPid(Math.toIntExact(ProcessHandle.current().pid()))
        .setTaskPid(pods.task(request.getId()).pid())
        .build();
  }
}
