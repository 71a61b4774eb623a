package dev.casemate.protocol;

import dev.casemate.protocol.agent.CloseConnectionRequest;
import dev.casemate.protocol.agent.CloseConnectionResponse;
import dev.casemate.protocol.agent.CloseOutputRequest;
import dev.casemate.protocol.agent.CloseOutputResponse;
import dev.casemate.protocol.agent.ConfigureNetworkRequest;
import dev.casemate.protocol.agent.ConfigureNetworkResponse;
import dev.casemate.protocol.agent.ExecRequest;
import dev.casemate.protocol.agent.ExecResponse;
import dev.casemate.protocol.agent.ListProcessesRequest;
import dev.casemate.protocol.agent.ListProcessesResponse;
import dev.casemate.protocol.agent.OpenConnectionRequest;
import dev.casemate.protocol.agent.OpenConnectionResponse;
import dev.casemate.protocol.agent.PowerOffRequest;
import dev.casemate.protocol.agent.PowerOffResponse;
import dev.casemate.protocol.agent.ReadConnectionRequest;
import dev.casemate.protocol.agent.ReadConnectionResponse;
import dev.casemate.protocol.agent.SignalContainerRequest;
import dev.casemate.protocol.agent.SignalContainerResponse;
import dev.casemate.protocol.agent.WriteConnectionRequest;
import dev.casemate.protocol.agent.WriteConnectionResponse;
import org.jspecify.annotations.Nullable;

/**
 * What Casemate adds to the agent protocol, as the agent implements it: casemate.v1.CasemateAgent.
 *
 * <p>What an implementation leaves out answers UNIMPLEMENTED.
 */
public interface CasemateAgentService extends Service {
  /** The service's name on the wire. */
  String NAME = "casemate.v1.CasemateAgent";

  /** The processes in a container, in ascending order of their ids. */
  default ListProcessesResponse listProcesses(ListProcessesRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("ListProcesses");
  }

  /**
   * Kills what runs, flushes and unmounts the guest's file systems and powers the machine off. The
   * answer comes before the power goes; the end of the channel is the proof.
   */
  default PowerOffResponse powerOff(PowerOffRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("PowerOff");
  }

  /** Sends a signal to every process in a container. */
  default SignalContainerResponse signalContainer(SignalContainerRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("SignalContainer");
  }

  /** Closes the reading end of a process's standard output or error. */
  default CloseOutputResponse closeOutput(CloseOutputRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("CloseOutput");
  }

  /** Runs a further process whose members do not all fit into the agent protocol's message. */
  default ExecResponse execProcess(ExecRequest request, Call call) throws InterruptedException {
    throw unimplemented("ExecProcess");
  }

  /** Makes the guest's network what is described, and undoes what an earlier call made. */
  default ConfigureNetworkResponse configureNetwork(ConfigureNetworkRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("ConfigureNetwork");
  }

  /** Connects to a TCP port on the guest's loopback interface. */
  default OpenConnectionResponse openConnection(OpenConnectionRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("OpenConnection");
  }

  /** What the other end of a connection has sent, empty at its end; waits for it. */
  default ReadConnectionResponse readConnection(ReadConnectionRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("ReadConnection");
  }

  /** Sends on a connection; returns when all of it was taken. */
  default WriteConnectionResponse writeConnection(WriteConnectionRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("WriteConnection");
  }

  /** Ends what is sent on a connection, or the connection. */
  default CloseConnectionResponse closeConnection(CloseConnectionRequest request, Call call)
      throws InterruptedException {
    throw unimplemented("CloseConnection");
  }

  @Override
  default String serviceName() {
    return NAME;
  }

  @Override
  default @Nullable Method method(String name) {
    return switch (name) {
      case "ListProcesses" -> Service.unary(ListProcessesRequest.parser(), this::listProcesses);
      case "PowerOff" -> Service.unary(PowerOffRequest.parser(), this::powerOff);
      case "SignalContainer" ->
          Service.unary(SignalContainerRequest.parser(), this::signalContainer);
      case "CloseOutput" -> Service.unary(CloseOutputRequest.parser(), this::closeOutput);
      case "ExecProcess" -> Service.unary(ExecRequest.parser(), this::execProcess);
      case "ConfigureNetwork" ->
          Service.unary(ConfigureNetworkRequest.parser(), this::configureNetwork);
      case "OpenConnection" -> Service.unary(OpenConnectionRequest.parser(), this::openConnection);
      case "ReadConnection" -> Service.unary(ReadConnectionRequest.parser(), this::readConnection);
      case "WriteConnection" ->
          Service.unary(WriteConnectionRequest.parser(), this::writeConnection);
      case "CloseConnection" ->
          Service.unary(CloseConnectionRequest.parser(), this::closeConnection);
      default -> null;
    };
  }

  private static TtrpcException unimplemented(String method) {
    return new TtrpcException(
        StatusCode.UNIMPLEMENTED, "service " + NAME + " does not implement " + method);
  }
}
