package dev.casemate.host.guest;

import com.google.protobuf.ByteString;
import dev.casemate.core.ContainerStats;
import dev.casemate.core.GuestAgent;
import dev.casemate.core.GuestChannel;
import dev.casemate.core.GuestConnection;
import dev.casemate.core.GuestContainer;
import dev.casemate.core.GuestMount;
import dev.casemate.core.GuestProcessInfo;
import dev.casemate.core.GuestSandbox;
import dev.casemate.core.ProcessId;
import dev.casemate.core.TerminalSize;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.network.PodNetwork;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.SpecRemainder;
import dev.casemate.protocol.AgentServiceClient;
import dev.casemate.protocol.CasemateAgentClient;
import dev.casemate.protocol.HealthClient;
import dev.casemate.protocol.StatusCode;
import dev.casemate.protocol.TtrpcClient;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.protocol.agent.CheckRequest;
import dev.casemate.protocol.agent.CloseOutputRequest;
import dev.casemate.protocol.agent.CreateContainerRequest;
import dev.casemate.protocol.agent.CreateSandboxRequest;
import dev.casemate.protocol.agent.ExecProcessRequest;
import dev.casemate.protocol.agent.ExecRequest;
import dev.casemate.protocol.agent.GetOOMEventRequest;
import dev.casemate.protocol.agent.ListProcessesRequest;
import dev.casemate.protocol.agent.OpenConnectionRequest;
import dev.casemate.protocol.agent.PauseContainerRequest;
import dev.casemate.protocol.agent.RemoveContainerRequest;
import dev.casemate.protocol.agent.ResumeContainerRequest;
import dev.casemate.protocol.agent.SetGuestDateTimeRequest;
import dev.casemate.protocol.agent.SignalContainerRequest;
import dev.casemate.protocol.agent.SignalProcessRequest;
import dev.casemate.protocol.agent.StartContainerRequest;
import dev.casemate.protocol.agent.StatsContainerRequest;
import dev.casemate.protocol.agent.Storage;
import dev.casemate.protocol.agent.TtyWinResizeRequest;
import dev.casemate.protocol.agent.UpdateContainerRequest;
import dev.casemate.protocol.agent.WaitProcessRequest;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The agent of one guest over ttRPC. Thread-safe.
 *
 * <p>The guest is not trusted: the transport bounds every frame, and whatever a reply holds is
 * checked where it becomes a domain value.
 */
public final class TtrpcGuestAgent implements GuestAgent {
  /**
   * Bound of a call that does its work at once. Generous: an emulated guest, one of many on a few
   * cores, takes tens of seconds for what takes milliseconds otherwise.
   */
  private static final Duration CALL_BOUND = Duration.ofMinutes(3);

  /** A guest shows what it likes; a table for people needs no more than this. */
  private static final int MOST_PROCESSES = 32_768;

  private final TtrpcClient client;
  private final AgentServiceClient agent;
  private final AgentServiceClient waiting;
  private final CasemateAgentClient casemate;

  /** Speaks over a channel, which it owns from now on. */
  public TtrpcGuestAgent(GuestChannel channel) {
    client = new TtrpcClient(channel.input(), channel.output(), channel::close);
    agent = new AgentServiceClient(client, CALL_BOUND);
    waiting = agent.within(Duration.ZERO);
    casemate = new CasemateAgentClient(client, CALL_BOUND);
  }

  @Override
  public String greet(Duration bound) {
    return call(
        "reach the guest agent",
        () ->
            new HealthClient(client, bound)
                .version(CheckRequest.getDefaultInstance())
                .getAgentVersion());
  }

  @Override
  public void prepareSandbox(GuestSandbox sandbox) {
    CreateSandboxRequest request =
        CreateSandboxRequest.newBuilder()
            .setSandboxId(sandbox.id())
            .setHostname(sandbox.hostname())
            .addAllStorages(storages(sandbox.shares()))
            .build();
    run("prepare the guest", () -> agent.createSandbox(request));
  }

  @Override
  public void configureNetwork(PodNetwork network) {
    run(
        "configure the guest's network",
        () -> {
          try {
            casemate.configureNetwork(NetworkMessages.request(network));
          } catch (TtrpcException failed) {
            if (failed.status() != StatusCode.UNIMPLEMENTED) {
              throw failed;
            }
            CompatibleNetworkMessages.tell(agent, network);
          }
        });
  }

  @Override
  public GuestConnection dial(byte[] address, int port) {
    OpenConnectionRequest request =
        OpenConnectionRequest.newBuilder()
            .setAddress(ByteString.copyFrom(address))
            .setPort(port)
            .build();
    return call(
        "connect to port " + port + " in the guest",
        () ->
            new LoopbackConnection(
                casemate,
                casemate.within(Duration.ZERO),
                casemate.openConnection(request).getConnection()));
  }

  @Override
  public void createContainer(GuestContainer container) {
    CreateContainerRequest request =
        CreateContainerRequest.newBuilder()
            .setContainerId(container.id().value())
            .setExecId(container.id().value())
            .addAllStorages(storages(container.mounts()))
            .setSandboxPidns(container.sharesProcessIds())
            .setOCI(SpecMessages.spec(container.spec()))
            .build();
    run("create container " + container.id(), () -> agent.createContainer(request));
  }

  private static List<Storage> storages(List<GuestMount> mounts) {
    List<Storage> storages = new ArrayList<>();
    for (GuestMount mount : mounts) {
      storages.add(
          Storage.newBuilder()
              .setDriver(mount.driver())
              .setSource(mount.source())
              .setFstype(mount.type())
              .addAllOptions(mount.options())
              .setMountPoint(mount.target())
              .setShared(mount.outlives())
              .build());
    }
    return storages;
  }

  @Override
  public void startContainer(ContainerId container) {
    StartContainerRequest request =
        StartContainerRequest.newBuilder().setContainerId(container.value()).build();
    run("start container " + container, () -> agent.startContainer(request));
  }

  @Override
  public void exec(ProcessId id, ProcessSpec process) {
    ExecProcessRequest request =
        ExecProcessRequest.newBuilder()
            .setContainerId(id.container().value())
            .setExecId(execId(id))
            .setProcess(SpecMessages.process(process))
            .build();
    String remainder = SpecRemainder.of(process);
    run(
        "exec in container " + id.container(),
        () -> {
          if (remainder == null) {
            agent.execProcess(request);
          } else {
            casemate.execProcess(
                ExecRequest.newBuilder().setProcess(request).setRemainder(remainder).build());
          }
        });
  }

  @Override
  public int waitFor(ProcessId id) {
    WaitProcessRequest request =
        WaitProcessRequest.newBuilder()
            .setContainerId(id.container().value())
            .setExecId(execId(id))
            .build();
    return call("wait for process " + id, () -> waiting.waitProcess(request).getStatus()) & 0xff;
  }

  @Override
  public void signal(ProcessId id, int signal) {
    SignalProcessRequest request =
        SignalProcessRequest.newBuilder()
            .setContainerId(id.container().value())
            .setExecId(execId(id))
            .setSignal(signal)
            .build();
    run("send signal " + signal + " to process " + id, () -> agent.signalProcess(request));
  }

  @Override
  public void signalAll(ContainerId container, int signal) {
    SignalContainerRequest request =
        SignalContainerRequest.newBuilder()
            .setContainerId(container.value())
            .setSignal(signal)
            .build();
    run(
        "send signal " + signal + " to all of container " + container,
        () -> casemate.signalContainer(request));
  }

  @Override
  public InputStream standardOutput(ProcessId id) {
    return new GuestInputStream(waiting, casemate, id, false);
  }

  @Override
  public InputStream standardError(ProcessId id) {
    return new GuestInputStream(waiting, casemate, id, true);
  }

  @Override
  public OutputStream standardInput(ProcessId id) {
    return new GuestOutputStream(waiting, id);
  }

  @Override
  public void resizeTerminal(ProcessId id, TerminalSize size) {
    TtyWinResizeRequest request =
        TtyWinResizeRequest.newBuilder()
            .setContainerId(id.container().value())
            .setExecId(execId(id))
            .setColumn(size.columns())
            .setRow(size.rows())
            .build();
    run("resize the terminal of process " + id, () -> agent.ttyWinResize(request));
  }

  @Override
  public void hangUp(ProcessId id) {
    CloseOutputRequest request =
        CloseOutputRequest.newBuilder()
            .setContainerId(id.container().value())
            .setExecId(execId(id))
            .build();
    run("hang up the terminal of process " + id, () -> casemate.closeOutput(request));
  }

  @Override
  public void pause(ContainerId container) {
    PauseContainerRequest request =
        PauseContainerRequest.newBuilder().setContainerId(container.value()).build();
    run("pause container " + container, () -> agent.pauseContainer(request));
  }

  @Override
  public void resume(ContainerId container) {
    ResumeContainerRequest request =
        ResumeContainerRequest.newBuilder().setContainerId(container.value()).build();
    run("resume container " + container, () -> agent.resumeContainer(request));
  }

  @Override
  public void update(ContainerId container, Resources resources) {
    UpdateContainerRequest request =
        UpdateContainerRequest.newBuilder()
            .setContainerId(container.value())
            .setResources(ResourceMessages.resources(resources))
            .build();
    run("update container " + container, () -> agent.updateContainer(request));
  }

  @Override
  public ContainerStats stats(ContainerId container) {
    StatsContainerRequest request =
        StatsContainerRequest.newBuilder().setContainerId(container.value()).build();
    return StatsMessages.stats(
        call(
            "read the statistics of container " + container,
            () -> agent.statsContainer(request).getCgroupStats()));
  }

  @Override
  public List<GuestProcessInfo> processes(ContainerId container) {
    ListProcessesRequest request =
        ListProcessesRequest.newBuilder().setContainerId(container.value()).build();
    List<GuestProcessInfo> processes = new ArrayList<>();
    for (var process :
        call(
            "list the processes of container " + container,
            () -> casemate.listProcesses(request).getProcessesList())) {
      if (processes.size() == MOST_PROCESSES) {
        break;
      }
      String command =
          process.getArgumentsCount() == 0
              ? "[" + process.getCommand() + "]"
              : String.join(" ", process.getArgumentsList());
      processes.add(
          new GuestProcessInfo(
              process.getPid(),
              process.getParentPid(),
              process.getUid(),
              process.getState(),
              Duration.ofMillis(process.getCpuMillis()),
              command));
    }
    return processes;
  }

  @Override
  public void removeContainer(ContainerId container) {
    RemoveContainerRequest request =
        RemoveContainerRequest.newBuilder().setContainerId(container.value()).build();
    run("remove container " + container, () -> agent.removeContainer(request));
  }

  @Override
  public ContainerId awaitOutOfMemory() {
    return new ContainerId(
        call(
            "wait for lack of memory in the guest",
            () -> waiting.getOomEvent(GetOOMEventRequest.getDefaultInstance()).getContainerId()));
  }

  @Override
  public void setClock(Instant now) {
    SetGuestDateTimeRequest request =
        SetGuestDateTimeRequest.newBuilder()
            .setSec(now.getEpochSecond())
            .setUsec(now.getNano() / 1000)
            .build();
    run("set the guest's clock", () -> agent.setGuestDateTime(request));
  }

  /** The agent's name for a process: the container's own id stands for its first one. */
  static String execId(ProcessId id) {
    return id.exec().isPresent() ? id.exec().get().value() : "";
  }

  private static void run(String tried, Runnable call) {
    call(
        tried,
        () -> {
          call.run();
          return true;
        });
  }

  private static <T> T call(String tried, Supplier<T> call) {
    try {
      return call.get();
    } catch (TtrpcException failed) {
      CasemateException error = failed.toCasemateException(tried);
      if (error.code() == ErrorCode.TIMED_OUT) {
        throw new CasemateException(ErrorCode.AGENT_SILENT, tried, error.why(), "", failed);
      }
      throw error;
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
