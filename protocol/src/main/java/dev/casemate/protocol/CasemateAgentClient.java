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
import java.time.Duration;
import java.util.Objects;

/**
 * What Casemate adds to the agent protocol.
 *
 * <p>Calls may be made from any number of threads; each blocks until its answer, its bound or the
 * end of the connection, and then fails with {@link TtrpcException}. An interrupt ends the wait
 * with status CANCELLED and stays set; what the peer began goes on.
 */
public final class CasemateAgentClient {
  private static final String SERVICE = CasemateAgentService.NAME;

  private final TtrpcClient client;
  private final Duration timeout;

  /**
   * A view of a connection.
   *
   * @param timeout bound of each call; zero for none, which only calls that wait for an event need
   */
  public CasemateAgentClient(TtrpcClient client, Duration timeout) {
    this.client = Objects.requireNonNull(client, "client is null");
    this.timeout = Deadline.checked(timeout);
  }

  /** The same connection with another bound for each call; zero for none. */
  public CasemateAgentClient within(Duration other) {
    return new CasemateAgentClient(client, other);
  }

  /** The processes in a container, in ascending order of their ids. */
  public ListProcessesResponse listProcesses(ListProcessesRequest request) {
    return client.call(SERVICE, "ListProcesses", request, ListProcessesResponse.parser(), timeout);
  }

  /**
   * Kills what runs, flushes and unmounts the guest's file systems and powers the machine off. The
   * answer comes before the power goes; the end of the channel is the proof.
   */
  public void powerOff(PowerOffRequest request) {
    client.call(SERVICE, "PowerOff", request, PowerOffResponse.parser(), timeout);
  }

  /** Sends a signal to every process in a container. */
  public void signalContainer(SignalContainerRequest request) {
    client.call(SERVICE, "SignalContainer", request, SignalContainerResponse.parser(), timeout);
  }

  /** Closes the reading end of a process's standard output or error. */
  public void closeOutput(CloseOutputRequest request) {
    client.call(SERVICE, "CloseOutput", request, CloseOutputResponse.parser(), timeout);
  }

  /** Runs a further process whose members do not all fit into the agent protocol's message. */
  public void execProcess(ExecRequest request) {
    client.call(SERVICE, "ExecProcess", request, ExecResponse.parser(), timeout);
  }

  /** Makes the guest's network what is described, and undoes what an earlier call made. */
  public void configureNetwork(ConfigureNetworkRequest request) {
    client.call(SERVICE, "ConfigureNetwork", request, ConfigureNetworkResponse.parser(), timeout);
  }

  /** Connects to a TCP port on the guest's loopback interface. */
  public OpenConnectionResponse openConnection(OpenConnectionRequest request) {
    return client.call(
        SERVICE, "OpenConnection", request, OpenConnectionResponse.parser(), timeout);
  }

  /** What the other end of a connection has sent, empty at its end; waits for it. */
  public ReadConnectionResponse readConnection(ReadConnectionRequest request) {
    return client.call(
        SERVICE, "ReadConnection", request, ReadConnectionResponse.parser(), timeout);
  }

  /** Sends on a connection; returns when all of it was taken. */
  public void writeConnection(WriteConnectionRequest request) {
    client.call(SERVICE, "WriteConnection", request, WriteConnectionResponse.parser(), timeout);
  }

  /** Ends what is sent on a connection, or the connection. */
  public void closeConnection(CloseConnectionRequest request) {
    client.call(SERVICE, "CloseConnection", request, CloseConnectionResponse.parser(), timeout);
  }
}
