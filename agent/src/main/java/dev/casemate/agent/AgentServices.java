package dev.casemate.agent;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Machine;
import dev.casemate.protocol.AgentService;
import dev.casemate.protocol.Call;
import dev.casemate.protocol.agent.AddARPNeighborsRequest;
import dev.casemate.protocol.agent.CloseStdinRequest;
import dev.casemate.protocol.agent.CopyFileRequest;
import dev.casemate.protocol.agent.CreateContainerRequest;
import dev.casemate.protocol.agent.CreateSandboxRequest;
import dev.casemate.protocol.agent.DestroySandboxRequest;
import dev.casemate.protocol.agent.ExecProcessRequest;
import dev.casemate.protocol.agent.GetDiagnosticDataRequest;
import dev.casemate.protocol.agent.GetDiagnosticDataResponse;
import dev.casemate.protocol.agent.GetMetricsRequest;
import dev.casemate.protocol.agent.GetOOMEventRequest;
import dev.casemate.protocol.agent.GuestDetailsRequest;
import dev.casemate.protocol.agent.GuestDetailsResponse;
import dev.casemate.protocol.agent.Interface;
import dev.casemate.protocol.agent.Interfaces;
import dev.casemate.protocol.agent.ListInterfacesRequest;
import dev.casemate.protocol.agent.ListRoutesRequest;
import dev.casemate.protocol.agent.Metrics;
import dev.casemate.protocol.agent.OOMEvent;
import dev.casemate.protocol.agent.OnlineCPUMemRequest;
import dev.casemate.protocol.agent.PauseContainerRequest;
import dev.casemate.protocol.agent.ReadStreamRequest;
import dev.casemate.protocol.agent.ReadStreamResponse;
import dev.casemate.protocol.agent.RemoveContainerRequest;
import dev.casemate.protocol.agent.ReseedRandomDevRequest;
import dev.casemate.protocol.agent.ResumeContainerRequest;
import dev.casemate.protocol.agent.Routes;
import dev.casemate.protocol.agent.SetGuestDateTimeRequest;
import dev.casemate.protocol.agent.SignalProcessRequest;
import dev.casemate.protocol.agent.StartContainerRequest;
import dev.casemate.protocol.agent.StatsContainerRequest;
import dev.casemate.protocol.agent.StatsContainerResponse;
import dev.casemate.protocol.agent.TtyWinResizeRequest;
import dev.casemate.protocol.agent.UpdateContainerRequest;
import dev.casemate.protocol.agent.UpdateEphemeralMountsRequest;
import dev.casemate.protocol.agent.UpdateInterfaceRequest;
import dev.casemate.protocol.agent.UpdateRoutesRequest;
import dev.casemate.protocol.agent.VolumeStatsRequest;
import dev.casemate.protocol.agent.VolumeStatsResponse;
import dev.casemate.protocol.agent.WaitProcessRequest;
import dev.casemate.protocol.agent.WaitProcessResponse;
import dev.casemate.protocol.agent.WriteStreamRequest;
import dev.casemate.protocol.agent.WriteStreamResponse;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The agent protocol, method by method: each checks that the guest is set up where that matters,
 * and hands the request on. What is missing here (swap, guest firewalls, policies, the memory
 * agent) answers UNIMPLEMENTED by name.
 */
final class AgentServices implements AgentService {
  private static final int NANOS_PER_MICRO = 1000;
  private static final int MICROS_PER_SECOND = 1_000_000;
  private static final int MAX_WINDOW = 65535;

  private final Guest guest;
  private final FileCopy copies;

  AgentServices(Guest guest) {
    this.guest = guest;
    this.copies = new FileCopy(guest.tree());
  }

  private Containers containers() throws InterruptedException {
    guest.readiness().await();
    return guest.containers();
  }

  @Override
  public void createContainer(CreateContainerRequest request, Call call)
      throws InterruptedException {
    containers().create(request);
  }

  @Override
  public void startContainer(StartContainerRequest request, Call call) throws InterruptedException {
    containers().start(request.getContainerId());
  }

  @Override
  public void removeContainer(RemoveContainerRequest request, Call call)
      throws InterruptedException {
    long seconds = Integer.toUnsignedLong(request.getTimeout());
    containers().remove(request.getContainerId(), TimeUnit.SECONDS.toNanos(seconds));
  }

  @Override
  public void execProcess(ExecProcessRequest request, Call call) throws InterruptedException {
    containers().exec(request.getContainerId(), request.getExecId(), request.getProcess(), "");
  }

  @Override
  public void signalProcess(SignalProcessRequest request, Call call) throws InterruptedException {
    containers().signal(request.getContainerId(), request.getExecId(), request.getSignal());
  }

  @Override
  public WaitProcessResponse waitProcess(WaitProcessRequest request, Call call)
      throws InterruptedException {
    int status = containers().await(request.getContainerId(), request.getExecId());
    return WaitProcessResponse.newBuilder().setStatus(status).build();
  }

  @Override
  public void updateContainer(UpdateContainerRequest request, Call call)
      throws InterruptedException {
    containers().update(request.getContainerId(), request.getResources());
  }

  @Override
  public void updateEphemeralMounts(UpdateEphemeralMountsRequest request, Call call)
      throws InterruptedException {
    guest.readiness().await();
    guest.storages().resize(request.getStoragesList());
  }

  @Override
  public StatsContainerResponse statsContainer(StatsContainerRequest request, Call call)
      throws InterruptedException {
    GuestContainer container = containers().get(request.getContainerId(), "read the statistics");
    return StatsContainerResponse.newBuilder()
        .setCgroupStats(CgroupStatistics.read(container.cgroup()))
        .addAllNetworkStats(GuestFacts.network())
        .build();
  }

  @Override
  public void pauseContainer(PauseContainerRequest request, Call call) throws InterruptedException {
    containers().pause(request.getContainerId(), true);
  }

  @Override
  public void resumeContainer(ResumeContainerRequest request, Call call)
      throws InterruptedException {
    containers().pause(request.getContainerId(), false);
  }

  @Override
  public GetDiagnosticDataResponse getDiagnosticData(GetDiagnosticDataRequest request, Call call)
      throws InterruptedException {
    String tried = "read diagnostic data";
    if (!request.getLogType().equals("termination_log")) {
      throw RequestError.invalid(tried, "the agent keeps no such log");
    }
    GuestContainer container = containers().get(request.getContainerId(), tried);
    return GetDiagnosticDataResponse.newBuilder()
        .setData(TerminationLog.read(container, guest.tree()))
        .build();
  }

  @Override
  public WriteStreamResponse writeStdin(WriteStreamRequest request, Call call)
      throws InterruptedException {
    ContainerProcess process =
        containers().process(request.getContainerId(), request.getExecId(), "write to a process");
    if (request.getData().isEmpty()) {
      // The reference's host says so that its input has ended.
      process.streams().input().end();
    } else {
      process.streams().input().write(request.getData(), call);
    }
    return WriteStreamResponse.newBuilder().setLen(request.getData().size()).build();
  }

  @Override
  public ReadStreamResponse readStdout(ReadStreamRequest request, Call call)
      throws InterruptedException {
    return read(request, false, call);
  }

  @Override
  public ReadStreamResponse readStderr(ReadStreamRequest request, Call call)
      throws InterruptedException {
    return read(request, true, call);
  }

  private ReadStreamResponse read(ReadStreamRequest request, boolean errors, Call call)
      throws InterruptedException {
    return ReadStreamResponse.newBuilder()
        .setData(
            containers()
                .read(
                    request.getContainerId(), request.getExecId(), errors, request.getLen(), call))
        .build();
  }

  @Override
  public void closeStdin(CloseStdinRequest request, Call call) throws InterruptedException {
    containers()
        .process(request.getContainerId(), request.getExecId(), "close the input of a process")
        .streams()
        .input()
        .end();
  }

  @Override
  public void ttyWinResize(TtyWinResizeRequest request, Call call) throws InterruptedException {
    String tried = "resize the terminal";
    ContainerProcess process =
        containers().process(request.getContainerId(), request.getExecId(), tried);
    if (Integer.compareUnsigned(request.getRow(), MAX_WINDOW) > 0
        || Integer.compareUnsigned(request.getColumn(), MAX_WINDOW) > 0) {
      throw RequestError.invalid(tried, "the size is out of range");
    }
    try {
      process.streams().resize(request.getRow(), request.getColumn());
    } catch (LinuxException e) {
      throw RequestError.failed(tried, e);
    }
  }

  @Override
  public Interface updateInterface(UpdateInterfaceRequest request, Call call)
      throws InterruptedException {
    guest.readiness().await();
    guest.network().update(request.getInterface());
    return request.getInterface();
  }

  @Override
  public Routes updateRoutes(UpdateRoutesRequest request, Call call) throws InterruptedException {
    guest.readiness().await();
    return Routes.newBuilder()
        .addAllRoutes(guest.network().update(request.getRoutes().getRoutesList()))
        .build();
  }

  @Override
  public Interfaces listInterfaces(ListInterfacesRequest request, Call call) {
    return Interfaces.newBuilder().addAllInterfaces(guest.network().interfaces()).build();
  }

  @Override
  public Routes listRoutes(ListRoutesRequest request, Call call) {
    return Routes.newBuilder().addAllRoutes(guest.network().routes()).build();
  }

  @Override
  public void addArpNeighbors(AddARPNeighborsRequest request, Call call)
      throws InterruptedException {
    guest.readiness().await();
    guest.network().addNeighbours(request.getNeighbors().getARPNeighborsList());
  }

  @Override
  public Metrics getMetrics(GetMetricsRequest request, Call call) {
    return Metrics.newBuilder().setMetrics(MetricsText.write(guest.containers())).build();
  }

  @Override
  public void createSandbox(CreateSandboxRequest request, Call call) throws InterruptedException {
    guest.readiness().await();
    guest.sandbox().create(request);
  }

  @Override
  public void destroySandbox(DestroySandboxRequest request, Call call) throws InterruptedException {
    guest.readiness().await();
    guest.sandbox().destroy();
  }

  @Override
  public void onlineCpuMem(OnlineCPUMemRequest request, Call call) throws InterruptedException {
    guest.readiness().await();
    guest.hotplug().online(request.getNbCpus(), request.getWait(), request.getCpuOnly());
  }

  @Override
  public void reseedRandomDev(ReseedRandomDevRequest request, Call call) {
    String tried = "reseed the random numbers";
    try {
      Machine.addEntropy(request.getData().toByteArray());
      Machine.reseedRandom();
    } catch (IllegalArgumentException e) {
      throw RequestError.invalid(tried, RequestError.reason(e));
    } catch (LinuxException e) {
      throw RequestError.failed(tried, e);
    }
  }

  @Override
  public GuestDetailsResponse getGuestDetails(GuestDetailsRequest request, Call call) {
    return GuestFacts.details(guest.layout().init());
  }

  @Override
  public void setGuestDateTime(SetGuestDateTimeRequest request, Call call) {
    String tried = "set the clock";
    if (request.getUsec() < 0 || request.getUsec() >= MICROS_PER_SECOND) {
      throw RequestError.invalid(tried, "the microseconds are out of range");
    }
    try {
      Machine.setClock(
          Instant.ofEpochSecond(request.getSec(), request.getUsec() * NANOS_PER_MICRO));
    } catch (DateTimeException e) {
      throw RequestError.invalid(tried, RequestError.reason(e));
    } catch (LinuxException e) {
      throw RequestError.failed(tried, e);
    }
  }

  @Override
  public void copyFile(CopyFileRequest request, Call call) throws InterruptedException {
    guest.readiness().await();
    copies.copy(request);
  }

  @Override
  public OOMEvent getOomEvent(GetOOMEventRequest request, Call call) throws InterruptedException {
    return OOMEvent.newBuilder().setContainerId(guest.oom().take()).build();
  }

  @Override
  public VolumeStatsResponse getVolumeStats(VolumeStatsRequest request, Call call)
      throws InterruptedException {
    guest.readiness().await();
    return GuestFacts.volume(request.getVolumeGuestPath());
  }
}
