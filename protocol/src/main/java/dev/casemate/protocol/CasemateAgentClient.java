package dev.casemate.protocol;

import dev.casemate.protocol.agent.CloseOutputRequest;
import dev.casemate.protocol.agent.CloseOutputResponse;
import dev.casemate.protocol.agent.ConfigureNetworkRequest;
import dev.casemate.protocol.agent.ConfigureNetworkResponse;
import dev.casemate.protocol.agent.ExecRequest;
import dev.casemate.protocol.agent.ExecResponse;
import dev.casemate.protocol.agent.ListProcessesRequest;
import dev.casemate.protocol.agent.ListProcessesResponse;
import dev.casemate.protocol.agent.PowerOffRequest;
import dev.casemate.protocol.agent.PowerOffResponse;
import dev.casemate.protocol.agent.SignalContainerRequest;
import dev.casemate.protocol.agent.SignalContainerResponse;
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
}
