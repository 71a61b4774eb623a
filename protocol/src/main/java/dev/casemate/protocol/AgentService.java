package dev.casemate.protocol;

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
import org.jspecify.annotations.Nullable;

/**
 * The agent of a guest, as its server implements it: grpc.AgentService of the Kata Containers agent
 * protocol.
 *
 * <p>What an implementation leaves out answers UNIMPLEMENTED.
 */
public interface AgentService extends Service {
  /** The service's name on the wire. */
  String NAME = "grpc.AgentService";

  /** Makes a container whose process waits for StartContainer. */
  default void createContainer(CreateContainerRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("CreateContainer");
  }

  /** Handles StartContainer. */
  default void startContainer(StartContainerRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("StartContainer");
  }

  /** Kills what still runs in the container, waits for its end and frees what it holds. */
  default void removeContainer(RemoveContainerRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("RemoveContainer");
  }

  /** Runs a further process in a running container. */
  default void execProcess(ExecProcessRequest request, Call call) throws InterruptedException {
    throw unimplemented("ExecProcess");
  }

  /** Handles SignalProcess. */
  default void signalProcess(SignalProcessRequest request, Call call) throws InterruptedException {
    throw unimplemented("SignalProcess");
  }

  /**
   * Blocks until the process has ended, and gives its exit code; each process is waited for once.
   */
  default WaitProcessResponse waitProcess(WaitProcessRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("WaitProcess");
  }

  /** Handles UpdateContainer. */
  default void updateContainer(UpdateContainerRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("UpdateContainer");
  }

  /** Resizes mounted tmpfs volumes. */
  default void updateEphemeralMounts(UpdateEphemeralMountsRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("UpdateEphemeralMounts");
  }

  /** Handles StatsContainer. */
  default StatsContainerResponse statsContainer(StatsContainerRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("StatsContainer");
  }

  /** Handles PauseContainer. */
  default void pauseContainer(PauseContainerRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("PauseContainer");
  }

  /** Handles ResumeContainer. */
  default void resumeContainer(ResumeContainerRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("ResumeContainer");
  }

  /** Unmounts shared directories whose host side has gone. */
  default void removeStaleVirtiofsShareMounts(
      RemoveStaleVirtiofsShareMountsRequest request, Call call) throws InterruptedException {
    throw unimplemented("RemoveStaleVirtiofsShareMounts");
  }

  /** Hands out a text kept for diagnosis, such as a container's termination message. */
  default GetDiagnosticDataResponse getDiagnosticData(GetDiagnosticDataRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("GetDiagnosticData");
  }

  /** Blocks while the pipe or terminal is full. */
  default WriteStreamResponse writeStdin(WriteStreamRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("WriteStdin");
  }

  /**
   * Blocks until there are bytes. The end of the stream is an error status: OUT_OF_RANGE (11) from
   * ours, INVALID_ARGUMENT (3) from the reference.
   */
  default ReadStreamResponse readStdout(ReadStreamRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("ReadStdout");
  }

  /** As ReadStdout. */
  default ReadStreamResponse readStderr(ReadStreamRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("ReadStderr");
  }

  /** Handles CloseStdin. */
  default void closeStdin(CloseStdinRequest request, Call call) throws InterruptedException {
    throw unimplemented("CloseStdin");
  }

  /** Handles TtyWinResize. */
  default void ttyWinResize(TtyWinResizeRequest request, Call call) throws InterruptedException {
    throw unimplemented("TtyWinResize");
  }

  /** Names, addresses and raises the interface that has the given link-layer address. */
  default Interface updateInterface(UpdateInterfaceRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("UpdateInterface");
  }

  /** Makes the guest's routes exactly the given ones. */
  default Routes updateRoutes(UpdateRoutesRequest request, Call call) throws InterruptedException {
    throw unimplemented("UpdateRoutes");
  }

  /** Handles ListInterfaces. */
  default Interfaces listInterfaces(ListInterfacesRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("ListInterfaces");
  }

  /** Handles ListRoutes. */
  default Routes listRoutes(ListRoutesRequest request, Call call) throws InterruptedException {
    throw unimplemented("ListRoutes");
  }

  /** Handles AddARPNeighbors. */
  default void addArpNeighbors(AddARPNeighborsRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("AddARPNeighbors");
  }

  /** Handles GetIPTables. */
  default GetIPTablesResponse getIpTables(GetIPTablesRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("GetIPTables");
  }

  /** Handles SetIPTables. */
  default SetIPTablesResponse setIpTables(SetIPTablesRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("SetIPTables");
  }

  /** Prometheus text exposition. */
  default Metrics getMetrics(GetMetricsRequest request, Call call) throws InterruptedException {
    throw unimplemented("GetMetrics");
  }

  /** Handles MemAgentMemcgSet. */
  default void memAgentMemcgSet(MemAgentMemcgConfig request, Call call)
      throws InterruptedException {
    throw unimplemented("MemAgentMemcgSet");
  }

  /** Handles MemAgentCompactSet. */
  default void memAgentCompactSet(MemAgentCompactConfig request, Call call)
      throws InterruptedException {
    throw unimplemented("MemAgentCompactSet");
  }

  /** Comes before each call about containers and network, once. */
  default void createSandbox(CreateSandboxRequest request, Call call) throws InterruptedException {
    throw unimplemented("CreateSandbox");
  }

  /** Undoes what CreateSandbox did. To turn the guest off as well: CasemateAgent.PowerOff. */
  default void destroySandbox(DestroySandboxRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("DestroySandbox");
  }

  /** Handles OnlineCPUMem. */
  default void onlineCpuMem(OnlineCPUMemRequest request, Call call) throws InterruptedException {
    throw unimplemented("OnlineCPUMem");
  }

  /** Handles ReseedRandomDev. */
  default void reseedRandomDev(ReseedRandomDevRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("ReseedRandomDev");
  }

  /** Handles GetGuestDetails. */
  default GuestDetailsResponse getGuestDetails(GuestDetailsRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("GetGuestDetails");
  }

  /** Handles MemHotplugByProbe. */
  default void memHotplugByProbe(MemHotplugByProbeRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("MemHotplugByProbe");
  }

  /** Handles SetGuestDateTime. */
  default void setGuestDateTime(SetGuestDateTimeRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("SetGuestDateTime");
  }

  /** Writes one piece of a file below /run; the file appears when its last byte has come. */
  default void copyFile(CopyFileRequest request, Call call) throws InterruptedException {
    throw unimplemented("CopyFile");
  }

  /** Blocks until the kernel has killed a process of some container for lack of memory. */
  default OOMEvent getOomEvent(GetOOMEventRequest request, Call call) throws InterruptedException {
    throw unimplemented("GetOOMEvent");
  }

  /** Handles AddSwap. */
  default void addSwap(AddSwapRequest request, Call call) throws InterruptedException {
    throw unimplemented("AddSwap");
  }

  /** Handles AddSwapPath. */
  default void addSwapPath(AddSwapPathRequest request, Call call) throws InterruptedException {
    throw unimplemented("AddSwapPath");
  }

  /** Handles GetVolumeStats. */
  default VolumeStatsResponse getVolumeStats(VolumeStatsRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("GetVolumeStats");
  }

  /** Handles ResizeVolume. */
  default void resizeVolume(ResizeVolumeRequest request, Call call) throws InterruptedException {
    throw unimplemented("ResizeVolume");
  }

  /** Handles SetPolicy. */
  default void setPolicy(SetPolicyRequest request, Call call) throws InterruptedException {
    throw unimplemented("SetPolicy");
  }

  @Override
  default String serviceName() {
    return NAME;
  }

  @Override
  default @Nullable Method method(String name) {
    return switch (name) {
      case "CreateContainer" ->
          Service.empty(CreateContainerRequest.parser(), this::createContainer);
      case "StartContainer" -> Service.empty(StartContainerRequest.parser(), this::startContainer);
      case "RemoveContainer" ->
          Service.empty(RemoveContainerRequest.parser(), this::removeContainer);
      case "ExecProcess" -> Service.empty(ExecProcessRequest.parser(), this::execProcess);
      case "SignalProcess" -> Service.empty(SignalProcessRequest.parser(), this::signalProcess);
      case "WaitProcess" -> Service.unary(WaitProcessRequest.parser(), this::waitProcess);
      case "UpdateContainer" ->
          Service.empty(UpdateContainerRequest.parser(), this::updateContainer);
      case "UpdateEphemeralMounts" ->
          Service.empty(UpdateEphemeralMountsRequest.parser(), this::updateEphemeralMounts);
      case "StatsContainer" -> Service.unary(StatsContainerRequest.parser(), this::statsContainer);
      case "PauseContainer" -> Service.empty(PauseContainerRequest.parser(), this::pauseContainer);
      case "ResumeContainer" ->
          Service.empty(ResumeContainerRequest.parser(), this::resumeContainer);
      case "RemoveStaleVirtiofsShareMounts" ->
          Service.empty(
              RemoveStaleVirtiofsShareMountsRequest.parser(), this::removeStaleVirtiofsShareMounts);
      case "GetDiagnosticData" ->
          Service.unary(GetDiagnosticDataRequest.parser(), this::getDiagnosticData);
      case "WriteStdin" -> Service.unary(WriteStreamRequest.parser(), this::writeStdin);
      case "ReadStdout" -> Service.unary(ReadStreamRequest.parser(), this::readStdout);
      case "ReadStderr" -> Service.unary(ReadStreamRequest.parser(), this::readStderr);
      case "CloseStdin" -> Service.empty(CloseStdinRequest.parser(), this::closeStdin);
      case "TtyWinResize" -> Service.empty(TtyWinResizeRequest.parser(), this::ttyWinResize);
      case "UpdateInterface" ->
          Service.unary(UpdateInterfaceRequest.parser(), this::updateInterface);
      case "UpdateRoutes" -> Service.unary(UpdateRoutesRequest.parser(), this::updateRoutes);
      case "ListInterfaces" -> Service.unary(ListInterfacesRequest.parser(), this::listInterfaces);
      case "ListRoutes" -> Service.unary(ListRoutesRequest.parser(), this::listRoutes);
      case "AddARPNeighbors" ->
          Service.empty(AddARPNeighborsRequest.parser(), this::addArpNeighbors);
      case "GetIPTables" -> Service.unary(GetIPTablesRequest.parser(), this::getIpTables);
      case "SetIPTables" -> Service.unary(SetIPTablesRequest.parser(), this::setIpTables);
      case "GetMetrics" -> Service.unary(GetMetricsRequest.parser(), this::getMetrics);
      case "MemAgentMemcgSet" ->
          Service.empty(MemAgentMemcgConfig.parser(), this::memAgentMemcgSet);
      case "MemAgentCompactSet" ->
          Service.empty(MemAgentCompactConfig.parser(), this::memAgentCompactSet);
      case "CreateSandbox" -> Service.empty(CreateSandboxRequest.parser(), this::createSandbox);
      case "DestroySandbox" -> Service.empty(DestroySandboxRequest.parser(), this::destroySandbox);
      case "OnlineCPUMem" -> Service.empty(OnlineCPUMemRequest.parser(), this::onlineCpuMem);
      case "ReseedRandomDev" ->
          Service.empty(ReseedRandomDevRequest.parser(), this::reseedRandomDev);
      case "GetGuestDetails" -> Service.unary(GuestDetailsRequest.parser(), this::getGuestDetails);
      case "MemHotplugByProbe" ->
          Service.empty(MemHotplugByProbeRequest.parser(), this::memHotplugByProbe);
      case "SetGuestDateTime" ->
          Service.empty(SetGuestDateTimeRequest.parser(), this::setGuestDateTime);
      case "CopyFile" -> Service.empty(CopyFileRequest.parser(), this::copyFile);
      case "GetOOMEvent" -> Service.unary(GetOOMEventRequest.parser(), this::getOomEvent);
      case "AddSwap" -> Service.empty(AddSwapRequest.parser(), this::addSwap);
      case "AddSwapPath" -> Service.empty(AddSwapPathRequest.parser(), this::addSwapPath);
      case "GetVolumeStats" -> Service.unary(VolumeStatsRequest.parser(), this::getVolumeStats);
      case "ResizeVolume" -> Service.empty(ResizeVolumeRequest.parser(), this::resizeVolume);
      case "SetPolicy" -> Service.empty(SetPolicyRequest.parser(), this::setPolicy);
      default -> null;
    };
  }

  private static TtrpcException unimplemented(String method) {
    return new TtrpcException(
        StatusCode.UNIMPLEMENTED, "service " + NAME + " does not implement " + method);
  }
}
