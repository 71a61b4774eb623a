package dev.casemate.protocol;

import com.google.protobuf.Empty;
import dev.casemate.protocol.agent.AddARPNeighborsRequest;
import dev.casemate.protocol.agent.AddSwapPathRequest;
import dev.casemate.protocol.agent.AddSwapRequest;
import dev.casemate.protocol.agent.CloseStdinRequest;
import dev.casemate.protocol.agent.CopyFileRequest;
import dev.casemate.protocol.agent.CreateContainerRequest;
import dev.casemate.protocol.agent.CreateSandboxRequest;
import dev.casemate.protocol.agent.DestroySandboxRequest;
import dev.casemate.protocol.agent.ExecProcessRequest;
import dev.casemate.protocol.agent.GetDiagnosticDataRequest;
import dev.casemate.protocol.agent.GetDiagnosticDataResponse;
import dev.casemate.protocol.agent.GetIPTablesRequest;
import dev.casemate.protocol.agent.GetIPTablesResponse;
import dev.casemate.protocol.agent.GetMetricsRequest;
import dev.casemate.protocol.agent.GetOOMEventRequest;
import dev.casemate.protocol.agent.GuestDetailsRequest;
import dev.casemate.protocol.agent.GuestDetailsResponse;
import dev.casemate.protocol.agent.Interface;
import dev.casemate.protocol.agent.Interfaces;
import dev.casemate.protocol.agent.ListInterfacesRequest;
import dev.casemate.protocol.agent.ListRoutesRequest;
import dev.casemate.protocol.agent.MemAgentCompactConfig;
import dev.casemate.protocol.agent.MemAgentMemcgConfig;
import dev.casemate.protocol.agent.MemHotplugByProbeRequest;
import dev.casemate.protocol.agent.Metrics;
import dev.casemate.protocol.agent.OOMEvent;
import dev.casemate.protocol.agent.OnlineCPUMemRequest;
import dev.casemate.protocol.agent.PauseContainerRequest;
import dev.casemate.protocol.agent.ReadStreamRequest;
import dev.casemate.protocol.agent.ReadStreamResponse;
import dev.casemate.protocol.agent.RemoveContainerRequest;
import dev.casemate.protocol.agent.RemoveStaleVirtiofsShareMountsRequest;
import dev.casemate.protocol.agent.ReseedRandomDevRequest;
import dev.casemate.protocol.agent.ResizeVolumeRequest;
import dev.casemate.protocol.agent.ResumeContainerRequest;
import dev.casemate.protocol.agent.Routes;
import dev.casemate.protocol.agent.SetGuestDateTimeRequest;
import dev.casemate.protocol.agent.SetIPTablesRequest;
import dev.casemate.protocol.agent.SetIPTablesResponse;
import dev.casemate.protocol.agent.SetPolicyRequest;
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
import java.time.Duration;
import java.util.Objects;

/**
 * The agent of a guest, as a host calls it.
 *
 * <p>Calls may be made from any number of threads; each blocks until its answer, its bound or the
 * end of the connection, and then fails with {@link TtrpcException}. An interrupt ends the wait
 * with status CANCELLED and stays set; what the peer began goes on.
 */
public final class AgentServiceClient {
  private static final String SERVICE = AgentService.NAME;

  private final TtrpcClient client;
  private final Duration timeout;

  /**
   * A view of a connection.
   *
   * @param timeout bound of each call; zero for none, which only calls that wait for an event need
   */
  public AgentServiceClient(TtrpcClient client, Duration timeout) {
    this.client = Objects.requireNonNull(client, "client is null");
    this.timeout = Deadline.checked(timeout);
  }

  /** The same connection with another bound for each call; zero for none. */
  public AgentServiceClient within(Duration other) {
    return new AgentServiceClient(client, other);
  }

  /** Makes a container whose process waits for StartContainer. */
  public void createContainer(CreateContainerRequest request) {
    client.call(SERVICE, "CreateContainer", request, Empty.parser(), timeout);
  }

  /** Calls StartContainer. */
  public void startContainer(StartContainerRequest request) {
    client.call(SERVICE, "StartContainer", request, Empty.parser(), timeout);
  }

  /** Kills what still runs in the container, waits for its end and frees what it holds. */
  public void removeContainer(RemoveContainerRequest request) {
    client.call(SERVICE, "RemoveContainer", request, Empty.parser(), timeout);
  }

  /** Runs a further process in a running container. */
  public void execProcess(ExecProcessRequest request) {
    client.call(SERVICE, "ExecProcess", request, Empty.parser(), timeout);
  }

  /** Calls SignalProcess. */
  public void signalProcess(SignalProcessRequest request) {
    client.call(SERVICE, "SignalProcess", request, Empty.parser(), timeout);
  }

  /**
   * Blocks until the process has ended, and gives its exit code; each process is waited for once.
   */
  public WaitProcessResponse waitProcess(WaitProcessRequest request) {
    return client.call(SERVICE, "WaitProcess", request, WaitProcessResponse.parser(), timeout);
  }

  /** Calls UpdateContainer. */
  public void updateContainer(UpdateContainerRequest request) {
    client.call(SERVICE, "UpdateContainer", request, Empty.parser(), timeout);
  }

  /** Resizes mounted tmpfs volumes. */
  public void updateEphemeralMounts(UpdateEphemeralMountsRequest request) {
    client.call(SERVICE, "UpdateEphemeralMounts", request, Empty.parser(), timeout);
  }

  /** Calls StatsContainer. */
  public StatsContainerResponse statsContainer(StatsContainerRequest request) {
    return client.call(
        SERVICE, "StatsContainer", request, StatsContainerResponse.parser(), timeout);
  }

  /** Calls PauseContainer. */
  public void pauseContainer(PauseContainerRequest request) {
    client.call(SERVICE, "PauseContainer", request, Empty.parser(), timeout);
  }

  /** Calls ResumeContainer. */
  public void resumeContainer(ResumeContainerRequest request) {
    client.call(SERVICE, "ResumeContainer", request, Empty.parser(), timeout);
  }

  /** Unmounts shared directories whose host side has gone. */
  public void removeStaleVirtiofsShareMounts(RemoveStaleVirtiofsShareMountsRequest request) {
    client.call(SERVICE, "RemoveStaleVirtiofsShareMounts", request, Empty.parser(), timeout);
  }

  /** Hands out a text kept for diagnosis, such as a container's termination message. */
  public GetDiagnosticDataResponse getDiagnosticData(GetDiagnosticDataRequest request) {
    return client.call(
        SERVICE, "GetDiagnosticData", request, GetDiagnosticDataResponse.parser(), timeout);
  }

  /** Blocks while the pipe or terminal is full. */
  public WriteStreamResponse writeStdin(WriteStreamRequest request) {
    return client.call(SERVICE, "WriteStdin", request, WriteStreamResponse.parser(), timeout);
  }

  /**
   * Blocks until there are bytes. The end of the stream is an error status: OUT_OF_RANGE (11) from
   * ours, INVALID_ARGUMENT (3) from the reference.
   */
  public ReadStreamResponse readStdout(ReadStreamRequest request) {
    return client.call(SERVICE, "ReadStdout", request, ReadStreamResponse.parser(), timeout);
  }

  /** As ReadStdout. */
  public ReadStreamResponse readStderr(ReadStreamRequest request) {
    return client.call(SERVICE, "ReadStderr", request, ReadStreamResponse.parser(), timeout);
  }

  /** Calls CloseStdin. */
  public void closeStdin(CloseStdinRequest request) {
    client.call(SERVICE, "CloseStdin", request, Empty.parser(), timeout);
  }

  /** Calls TtyWinResize. */
  public void ttyWinResize(TtyWinResizeRequest request) {
    client.call(SERVICE, "TtyWinResize", request, Empty.parser(), timeout);
  }

  /** Names, addresses and raises the interface that has the given link-layer address. */
  public Interface updateInterface(UpdateInterfaceRequest request) {
    return client.call(SERVICE, "UpdateInterface", request, Interface.parser(), timeout);
  }

  /** Makes the guest's routes exactly the given ones. */
  public Routes updateRoutes(UpdateRoutesRequest request) {
    return client.call(SERVICE, "UpdateRoutes", request, Routes.parser(), timeout);
  }

  /** Calls ListInterfaces. */
  public Interfaces listInterfaces(ListInterfacesRequest request) {
    return client.call(SERVICE, "ListInterfaces", request, Interfaces.parser(), timeout);
  }

  /** Calls ListRoutes. */
  public Routes listRoutes(ListRoutesRequest request) {
    return client.call(SERVICE, "ListRoutes", request, Routes.parser(), timeout);
  }

  /** Calls AddARPNeighbors. */
  public void addArpNeighbors(AddARPNeighborsRequest request) {
    client.call(SERVICE, "AddARPNeighbors", request, Empty.parser(), timeout);
  }

  /** Calls GetIPTables. */
  public GetIPTablesResponse getIpTables(GetIPTablesRequest request) {
    return client.call(SERVICE, "GetIPTables", request, GetIPTablesResponse.parser(), timeout);
  }

  /** Calls SetIPTables. */
  public SetIPTablesResponse setIpTables(SetIPTablesRequest request) {
    return client.call(SERVICE, "SetIPTables", request, SetIPTablesResponse.parser(), timeout);
  }

  /** Prometheus text exposition. */
  public Metrics getMetrics(GetMetricsRequest request) {
    return client.call(SERVICE, "GetMetrics", request, Metrics.parser(), timeout);
  }

  /** Calls MemAgentMemcgSet. */
  public void memAgentMemcgSet(MemAgentMemcgConfig request) {
    client.call(SERVICE, "MemAgentMemcgSet", request, Empty.parser(), timeout);
  }

  /** Calls MemAgentCompactSet. */
  public void memAgentCompactSet(MemAgentCompactConfig request) {
    client.call(SERVICE, "MemAgentCompactSet", request, Empty.parser(), timeout);
  }

  /** Comes before each call about containers and network, once. */
  public void createSandbox(CreateSandboxRequest request) {
    client.call(SERVICE, "CreateSandbox", request, Empty.parser(), timeout);
  }

  /** Undoes what CreateSandbox did. To turn the guest off as well: CasemateAgent.PowerOff. */
  public void destroySandbox(DestroySandboxRequest request) {
    client.call(SERVICE, "DestroySandbox", request, Empty.parser(), timeout);
  }

  /** Calls OnlineCPUMem. */
  public void onlineCpuMem(OnlineCPUMemRequest request) {
    client.call(SERVICE, "OnlineCPUMem", request, Empty.parser(), timeout);
  }

  /** Calls ReseedRandomDev. */
  public void reseedRandomDev(ReseedRandomDevRequest request) {
    client.call(SERVICE, "ReseedRandomDev", request, Empty.parser(), timeout);
  }

  /** Calls GetGuestDetails. */
  public GuestDetailsResponse getGuestDetails(GuestDetailsRequest request) {
    return client.call(SERVICE, "GetGuestDetails", request, GuestDetailsResponse.parser(), timeout);
  }

  /** Calls MemHotplugByProbe. */
  public void memHotplugByProbe(MemHotplugByProbeRequest request) {
    client.call(SERVICE, "MemHotplugByProbe", request, Empty.parser(), timeout);
  }

  /** Calls SetGuestDateTime. */
  public void setGuestDateTime(SetGuestDateTimeRequest request) {
    client.call(SERVICE, "SetGuestDateTime", request, Empty.parser(), timeout);
  }

  /** Writes one piece of a file below /run; the file appears when its last byte has come. */
  public void copyFile(CopyFileRequest request) {
    client.call(SERVICE, "CopyFile", request, Empty.parser(), timeout);
  }

  /** Blocks until the kernel has killed a process of some container for lack of memory. */
  public OOMEvent getOomEvent(GetOOMEventRequest request) {
    return client.call(SERVICE, "GetOOMEvent", request, OOMEvent.parser(), timeout);
  }

  /** Calls AddSwap. */
  public void addSwap(AddSwapRequest request) {
    client.call(SERVICE, "AddSwap", request, Empty.parser(), timeout);
  }

  /** Calls AddSwapPath. */
  public void addSwapPath(AddSwapPathRequest request) {
    client.call(SERVICE, "AddSwapPath", request, Empty.parser(), timeout);
  }

  /** Calls GetVolumeStats. */
  public VolumeStatsResponse getVolumeStats(VolumeStatsRequest request) {
    return client.call(SERVICE, "GetVolumeStats", request, VolumeStatsResponse.parser(), timeout);
  }

  /** Calls ResizeVolume. */
  public void resizeVolume(ResizeVolumeRequest request) {
    client.call(SERVICE, "ResizeVolume", request, Empty.parser(), timeout);
  }

  /** Calls SetPolicy. */
  public void setPolicy(SetPolicyRequest request) {
    client.call(SERVICE, "SetPolicy", request, Empty.parser(), timeout);
  }
}
