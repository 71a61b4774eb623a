package dev.casemate.agent;

import com.google.protobuf.ByteString;
import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Pipe;
import dev.casemate.linux.Processes;
import dev.casemate.linux.netlink.Route;
import dev.casemate.model.CasemateException;
import dev.casemate.protocol.AgentServiceClient;
import dev.casemate.protocol.CasemateAgentClient;
import dev.casemate.protocol.ConnectionOptions;
import dev.casemate.protocol.HealthClient;
import dev.casemate.protocol.TtrpcClient;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.protocol.agent.CheckRequest;
import dev.casemate.protocol.agent.CloseOutputRequest;
import dev.casemate.protocol.agent.CloseStdinRequest;
import dev.casemate.protocol.agent.ConfigureNetworkRequest;
import dev.casemate.protocol.agent.CopyFileRequest;
import dev.casemate.protocol.agent.CreateSandboxRequest;
import dev.casemate.protocol.agent.DestroySandboxRequest;
import dev.casemate.protocol.agent.ExecProcessRequest;
import dev.casemate.protocol.agent.GetMetricsRequest;
import dev.casemate.protocol.agent.GuestDetailsRequest;
import dev.casemate.protocol.agent.ListInterfacesRequest;
import dev.casemate.protocol.agent.ListProcessesRequest;
import dev.casemate.protocol.agent.ListRoutesRequest;
import dev.casemate.protocol.agent.NetworkAddress;
import dev.casemate.protocol.agent.NetworkInterface;
import dev.casemate.protocol.agent.NetworkRoute;
import dev.casemate.protocol.agent.Process;
import dev.casemate.protocol.agent.ReadStreamRequest;
import dev.casemate.protocol.agent.RemoveContainerRequest;
import dev.casemate.protocol.agent.SignalProcessRequest;
import dev.casemate.protocol.agent.StartContainerRequest;
import dev.casemate.protocol.agent.StatsContainerRequest;
import dev.casemate.protocol.agent.TtyWinResizeRequest;
import dev.casemate.protocol.agent.UpdateContainerRequest;
import dev.casemate.protocol.agent.WaitProcessRequest;
import dev.casemate.protocol.agent.WriteStreamRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The run that the JVM's ahead-of-time cache is made from. A server and a client talk over pipes of
 * the kernel, as host and guest do over a channel; containers get as far as the runtime, which is
 * not there. Nothing outside of a temporary directory changes.
 */
final class Training {
  private static final Duration BOUND = Duration.ofMinutes(1);
  private static final int READ = 4096;

  private Training() {}

  /** Does the run. */
  static void run() throws InterruptedException {
    Path run;
    try {
      run = Files.createTempDirectory("casemate-training");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      run(run);
    } finally {
      delete(run);
    }
  }

  private static void run(Path run) throws InterruptedException {
    KernelCommandLine commandLine = KernelCommandLine.parse("console=ttyS0 agent.log=debug quiet");
    AgentLog log = new AgentLog(new ByteArrayOutputStream(), AgentLog.level(commandLine));
    Children children = new Children(log);
    children.start();
    Readiness readiness = new Readiness();
    Guest guest =
        Guest.assemble(new GuestLayout(run, runtime(run), false), children, readiness, log);
    guest.prepare();
    readiness.done();
    try (Pipe there = Pipe.open();
        Pipe back = Pipe.open()) {
      Agent.server(guest)
          .serve(
              there.readEnd().inputStream(),
              back.writeEnd().outputStream(),
              () -> back.writeEnd().close(),
              ConnectionOptions.platform("rpc"));
      try (TtrpcClient client =
          new TtrpcClient(
              back.readEnd().inputStream(),
              there.writeEnd().outputStream(),
              () -> there.writeEnd().close())) {
        talk(client);
      }
    }
    live(children, run, log);
  }

  private static void talk(TtrpcClient client) {
    new HealthClient(client, BOUND).check(CheckRequest.getDefaultInstance());
    new HealthClient(client, BOUND).version(CheckRequest.getDefaultInstance());
    AgentServiceClient agent = new AgentServiceClient(client, BOUND);
    agent.getGuestDetails(GuestDetailsRequest.getDefaultInstance());
    agent.getMetrics(GetMetricsRequest.getDefaultInstance());
    agent.copyFile(
        CopyFileRequest.newBuilder()
            .setPath("/run/shared/rootfs/file")
            .setFileMode(0x1a4)
            .setFileSize(2)
            .setData(ByteString.copyFromUtf8("ok"))
            .build());
    refused(() -> agent.createContainer(TrainingContainer.request()));
    agent.createSandbox(
        CreateSandboxRequest.newBuilder().setHostname("training").addDns("nameserver ::1").build());
    refused(() -> agent.listInterfaces(ListInterfacesRequest.getDefaultInstance()));
    refused(() -> agent.listRoutes(ListRoutesRequest.getDefaultInstance()));
    refused(() -> agent.startContainer(StartContainerRequest.getDefaultInstance()));
    refused(() -> agent.waitProcess(WaitProcessRequest.getDefaultInstance()));
    refused(() -> agent.execProcess(ExecProcessRequest.newBuilder().setExecId("e").build()));
    refused(() -> agent.signalProcess(SignalProcessRequest.newBuilder().setSignal(1).build()));
    refused(() -> agent.readStdout(ReadStreamRequest.newBuilder().setLen(1).build()));
    refused(() -> agent.readStderr(ReadStreamRequest.newBuilder().setLen(1).build()));
    refused(() -> agent.writeStdin(WriteStreamRequest.getDefaultInstance()));
    refused(() -> agent.closeStdin(CloseStdinRequest.getDefaultInstance()));
    refused(() -> agent.ttyWinResize(TtyWinResizeRequest.getDefaultInstance()));
    refused(() -> agent.statsContainer(StatsContainerRequest.getDefaultInstance()));
    refused(() -> agent.updateContainer(UpdateContainerRequest.getDefaultInstance()));
    refused(() -> agent.removeContainer(RemoveContainerRequest.getDefaultInstance()));
    CasemateAgentClient casemate = new CasemateAgentClient(client, BOUND);
    refused(() -> casemate.listProcesses(ListProcessesRequest.getDefaultInstance()));
    refused(() -> casemate.closeOutput(CloseOutputRequest.getDefaultInstance()));
    NetworkPlan ignored = NetworkPlan.of(network().build());
    refused(() -> casemate.configureNetwork(network().clearInterfaces().build()));
    agent.destroySandbox(DestroySandboxRequest.getDefaultInstance());
  }

  /** A network that is not there: the builder's own is looked at and not touched. */
  private static ConfigureNetworkRequest.Builder network() {
    ByteString address = ByteString.copyFrom(new byte[] {127, 1, 1, 1});
    String card = "02:00:00:00:00:01";
    return ConfigureNetworkRequest.newBuilder()
        .addInterfaces(
            NetworkInterface.newBuilder()
                .setCard(card)
                .setHardwareAddress(card)
                .setName("none")
                .addAddresses(NetworkAddress.newBuilder().setAddress(address).setPrefixLength(32)))
        .addRoutes(
            NetworkRoute.newBuilder()
                .setDestination(address)
                .setPrefixLength(32)
                .setKind(Route.Kind.UNICAST.number())
                .setDevice("nosuchinterface"));
  }

  /** Something that can be executed but is no runtime: this JVM, which refuses its options. */
  private static Path runtime(Path run) {
    try {
      return Files.createSymbolicLink(
          run.resolve("runtime"), Path.of(System.getProperty("java.home"), "bin", "java"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void refused(Runnable request) {
    try {
      request.run();
    } catch (TtrpcException e) {
      // Expected: there is no runtime, and no network in a build.
    }
  }

  /** A container with one process, whose output is read to its end; that JVM once more. */
  private static void live(Children children, Path run, AgentLog log) throws InterruptedException {
    CgroupFiles cgroup = new CgroupFiles(run.resolve("cgroup"));
    try (ProcessStreams.Pipes pipes = ProcessStreams.pipes();
        ProcessStreams streams = pipes.streams()) {
      Files.createDirectories(cgroup.directory());
      Files.writeString(cgroup.directory().resolve("memory.events"), "oom_kill 0\n");
      Files.writeString(cgroup.directory().resolve("cgroup.procs"), Processes.self() + "\n");
      Children.Mark before = children.mark();
      Child child =
          children.spawn(
              ChildCommand.of(List.of(runtime(run.resolve("cgroup")).toString(), "-XX:none"))
                  .withDescriptors(pipes.farEnds().toArray(Descriptor[]::new)));
      for (Descriptor end : pipes.farEnds()) {
        end.close();
      }
      children.adopt(child.pid(), before);
      GuestContainer container =
          new GuestContainer(
              "training",
              cgroup,
              new GuestContainer.Facts(List.of(), List.of(), "", 0),
              new ContainerProcess("", child, streams));
      OomEvents oom = new OomEvents(log);
      oom.watch("training", cgroup);
      while (!streams.errors().read(READ, new NeverCancelled()).isEmpty()) {
        // All of it.
      }
      int ignored = child.await();
      oom.look("training");
      oom.forget("training");
      ProcessList.of(container);
      HomeVariable.ofFurther(Process.getDefaultInstance(), Processes.self());
      CgroupStatistics.read(cgroup);
      GuestFacts.network();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (LinuxException | CasemateException e) {
      // A build without /proc trains the rest.
      log.debug("not trained", "why", RequestError.reason(e));
    }
  }

  private static void delete(Path tree) {
    try {
      if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
        try (DirectoryStream<Path> below = Files.newDirectoryStream(tree)) {
          for (Path each : below) {
            delete(each);
          }
        }
      }
      Files.deleteIfExists(tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
