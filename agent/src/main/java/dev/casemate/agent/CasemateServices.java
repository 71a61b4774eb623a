package dev.casemate.agent;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Machine;
import dev.casemate.linux.MountEntry;
import dev.casemate.linux.Mounts;
import dev.casemate.linux.Signal;
import dev.casemate.protocol.Call;
import dev.casemate.protocol.CasemateAgentService;
import dev.casemate.protocol.agent.CloseConnectionRequest;
import dev.casemate.protocol.agent.CloseConnectionResponse;
import dev.casemate.protocol.agent.CloseOutputRequest;
import dev.casemate.protocol.agent.CloseOutputResponse;
import dev.casemate.protocol.agent.ConfigureNetworkRequest;
import dev.casemate.protocol.agent.ConfigureNetworkResponse;
import dev.casemate.protocol.agent.ExecProcessRequest;
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
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What our host asks beyond the agent protocol. */
final class CasemateServices implements CasemateAgentService {
  // Longer than any pod's own grace period.
  private static final long MAX_GRACE_MILLIS = TimeUnit.HOURS.toMillis(1);

  // The answer is on its way to the host while the machine goes.
  private static final long ANSWER_MILLIS = 50;

  private final Guest guest;

  CasemateServices(Guest guest) {
    this.guest = guest;
  }

  @Override
  public ListProcessesResponse listProcesses(ListProcessesRequest request, Call call)
      throws InterruptedException {
    guest.readiness().await();
    GuestContainer container =
        guest.containers().get(request.getContainerId(), "list the processes");
    return ListProcessesResponse.newBuilder().addAllProcesses(ProcessList.of(container)).build();
  }

  @Override
  public SignalContainerResponse signalContainer(SignalContainerRequest request, Call call)
      throws InterruptedException {
    guest.readiness().await();
    guest.containers().signalAll(request.getContainerId(), request.getSignal());
    return SignalContainerResponse.getDefaultInstance();
  }

  @Override
  public CloseOutputResponse closeOutput(CloseOutputRequest request, Call call)
      throws InterruptedException {
    guest.readiness().await();
    ProcessStreams streams =
        guest
            .containers()
            .process(request.getContainerId(), request.getExecId(), "close an output")
            .streams();
    if (streams.terminal() != null) {
      // Its master side is closed for good with the last of these.
      streams.close();
    } else {
      (request.getStandardError() ? streams.errors() : streams.output()).close();
    }
    return CloseOutputResponse.getDefaultInstance();
  }

  @Override
  public ExecResponse execProcess(ExecRequest request, Call call) throws InterruptedException {
    guest.readiness().await();
    ExecProcessRequest wanted = request.getProcess();
    guest
        .containers()
        .exec(
            wanted.getContainerId(),
            wanted.getExecId(),
            wanted.getProcess(),
            request.getRemainder());
    return ExecResponse.getDefaultInstance();
  }

  @Override
  public ConfigureNetworkResponse configureNetwork(ConfigureNetworkRequest request, Call call)
      throws InterruptedException {
    guest.readiness().await();
    guest.network().configure(request);
    return ConfigureNetworkResponse.getDefaultInstance();
  }

  @Override
  public OpenConnectionResponse openConnection(OpenConnectionRequest request, Call call)
      throws InterruptedException {
    guest.readiness().await();
    long opened = guest.connections().open(request.getAddress().toByteArray(), request.getPort());
    return OpenConnectionResponse.newBuilder().setConnection(opened).build();
  }

  @Override
  public ReadConnectionResponse readConnection(ReadConnectionRequest request, Call call) {
    return ReadConnectionResponse.newBuilder()
        .setData(guest.connections().read(request.getConnection()))
        .build();
  }

  @Override
  public WriteConnectionResponse writeConnection(WriteConnectionRequest request, Call call) {
    guest.connections().write(request.getConnection(), request.getData());
    return WriteConnectionResponse.getDefaultInstance();
  }

  @Override
  public CloseConnectionResponse closeConnection(CloseConnectionRequest request, Call call) {
    if (request.getOutputOnly()) {
      guest.connections().closeOutput(request.getConnection());
    } else {
      guest.connections().close(request.getConnection(), request.getReset());
    }
    return CloseConnectionResponse.getDefaultInstance();
  }

  @Override
  public PowerOffResponse powerOff(PowerOffRequest request, Call call) throws InterruptedException {
    if (!guest.layout().init()) {
      throw RequestError.unsupported("power off", "the agent is not PID 1");
    }
    long grace = Math.min(Integer.toUnsignedLong(request.getGraceMillis()), MAX_GRACE_MILLIS);
    end(grace);
    Thread.ofPlatform().name("power-off").start(this::powerOff);
    return PowerOffResponse.getDefaultInstance();
  }

  private void end(long graceMillis) throws InterruptedException {
    List<GuestContainer> all = guest.containers().all();
    if (graceMillis > 0) {
      for (GuestContainer container : all) {
        guest.containers().signalAll(container.id(), Signal.TERM.number());
      }
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(graceMillis);
      for (GuestContainer container : all) {
        boolean ignored =
            container.first().child().await(Math.max(deadline - System.nanoTime(), 1));
      }
    }
    guest.containers().removeAll();
    Machine.sync();
  }

  private void powerOff() {
    try {
      Thread.sleep(ANSWER_MILLIS);
    } catch (InterruptedException e) {
      // The machine goes anyhow.
      Thread.currentThread().interrupt();
    }
    for (MountEntry mount : Mounts.list().reversed()) {
      if (mount.mountPoint().startsWith("/run/")) {
        try {
          Mounts.detach(mount.mountPoint());
        } catch (LinuxException e) {
          guest.log().debug("not unmounted", "path", mount.mountPoint());
        }
      }
    }
    Machine.sync();
    Machine.powerOff();
  }
}
