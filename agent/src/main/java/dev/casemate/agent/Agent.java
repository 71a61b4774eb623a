package dev.casemate.agent;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Processes;
import dev.casemate.model.CasemateException;
import dev.casemate.protocol.ConnectionOptions;
import dev.casemate.protocol.TtrpcServer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The program: PID 1 of the guest. It mounts what the channel needs, serves the host, and sets up
 * the rest of the guest meanwhile. It never ends; the kernel panics when PID 1 does, which the host
 * sees as a death of the guest.
 */
public final class Agent {
  private Agent() {}

  /**
   * Runs the agent.
   *
   * @param arguments none, or {@code --train} for the run that the JVM's ahead-of-time cache is
   *     made from: it exercises what a guest does first, without touching the machine, and ends
   */
  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length == 1 && arguments[0].equals("--train")) {
      Training.run();
      return;
    }
    boolean init = Processes.self() == 1;
    if (init) {
      EarlyBoot.first();
    }
    KernelCommandLine commandLine = KernelCommandLine.parse(Small.word(Path.of("/proc/cmdline")));
    AgentLog log =
        new AgentLog(new FileOutputStream(FileDescriptor.err), AgentLog.level(commandLine));
    serve(init, log);
    new CountDownLatch(1).await();
  }

  private static void serve(boolean init, AgentLog log) {
    Children children = new Children(log);
    GuestLayout layout = GuestLayout.guest(init);
    Readiness readiness = new Readiness();
    Guest guest = Guest.assemble(layout, children, readiness, log);
    TtrpcServer server = server(guest);
    ConnectionOptions options = ConnectionOptions.platform("rpc");
    Thread.ofPlatform().name("serial").daemon().start(new SerialChannel(server, options, log));
    setUp(guest, children, init);
    if (VsockChannel.isThere()) {
      Thread.ofPlatform().name("vsock").daemon().start(new VsockChannel(server, options, log));
    }
  }

  /** A server of all that the agent offers. */
  static TtrpcServer server(Guest guest) {
    return new TtrpcServer(
        List.of(new AgentHealth(), new AgentServices(guest), new CasemateServices(guest)));
  }

  private static void setUp(Guest guest, Children children, boolean init) {
    try {
      if (init) {
        EarlyBoot.second();
        guest.network().startLoopback();
      }
      children.start();
      guest.prepare();
      guest.readiness().done();
      guest.log().info("ready");
    } catch (LinuxException | CasemateException e) {
      guest.log().error("cannot set the guest up", "why", RequestError.reason(e));
      guest.readiness().failed(RequestError.reason(e));
    }
  }
}
