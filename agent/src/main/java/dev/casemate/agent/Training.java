package dev.casemate.agent;

import com.google.protobuf.ByteString;
import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Pipe;
import dev.casemate.model.CasemateException;
import dev.casemate.protocol.AgentServiceClient;
import dev.casemate.protocol.ConnectionOptions;
import dev.casemate.protocol.HealthClient;
import dev.casemate.protocol.TtrpcClient;
import dev.casemate.protocol.TtrpcException;
import dev.casemate.protocol.agent.CheckRequest;
import dev.casemate.protocol.agent.CopyFileRequest;
import dev.casemate.protocol.agent.CreateContainerRequest;
import dev.casemate.protocol.agent.GetMetricsRequest;
import dev.casemate.protocol.agent.GuestDetailsRequest;
import dev.casemate.protocol.agent.Linux;
import dev.casemate.protocol.agent.LinuxCPU;
import dev.casemate.protocol.agent.LinuxCapabilities;
import dev.casemate.protocol.agent.LinuxDevice;
import dev.casemate.protocol.agent.LinuxDeviceCgroup;
import dev.casemate.protocol.agent.LinuxMemory;
import dev.casemate.protocol.agent.LinuxNamespace;
import dev.casemate.protocol.agent.LinuxPids;
import dev.casemate.protocol.agent.LinuxResources;
import dev.casemate.protocol.agent.LinuxSeccomp;
import dev.casemate.protocol.agent.LinuxSeccompArg;
import dev.casemate.protocol.agent.LinuxSyscall;
import dev.casemate.protocol.agent.ListInterfacesRequest;
import dev.casemate.protocol.agent.ListRoutesRequest;
import dev.casemate.protocol.agent.Mount;
import dev.casemate.protocol.agent.POSIXRlimit;
import dev.casemate.protocol.agent.Process;
import dev.casemate.protocol.agent.Root;
import dev.casemate.protocol.agent.Spec;
import dev.casemate.protocol.agent.StatsContainerRequest;
import dev.casemate.protocol.agent.Storage;
import dev.casemate.protocol.agent.User;
import dev.casemate.protocol.agent.WaitProcessRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

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
        Guest.assemble(
            new GuestLayout(run, Path.of("/nonexistent/crun"), false), children, readiness, log);
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
    reap(children);
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
    refused(() -> agent.createContainer(container()));
    refused(() ->
        agent.statsContainer(StatsContainerRequest.newBuilder().setContainerId("none").build()));
    refused(
        () -> agent.waitProcess(WaitProcessRequest.newBuilder().setContainerId("none").build()));
    refused(() -> agent.listInterfaces(ListInterfacesRequest.getDefaultInstance()));
    refused(() -> agent.listRoutes(ListRoutesRequest.getDefaultInstance()));
  }

  private static void refused(Runnable request) {
    try {
      request.run();
    } catch (TtrpcException e) {
      // Expected: there is no runtime, and no network in a build.
    }
  }

  /** A container as Docker asks for it, in its main features. */
  private static CreateContainerRequest container() {
    Spec spec =
        Spec.newBuilder()
            .setVersion("1.0.2")
            .setProcess(process())
            .setRoot(Root.newBuilder().setPath("/run/shared/rootfs"))
            .setHostname("training")
            .addMounts(
                Mount.newBuilder()
                    .setDestination("/proc")
                    .setType("proc")
                    .setSource("proc")
                    .addOptions("nosuid"))
            .putAllAnnotations(Map.of("training", "true"))
            .setLinux(linux())
            .build();
    return CreateContainerRequest.newBuilder()
        .setContainerId("training")
        .addStorages(
            Storage.newBuilder()
                .setDriver("local")
                .setMountPoint("/run/shared/volume")
                .addOptions("mode=0755"))
        .setOCI(spec)
        .build();
  }

  private static Process process() {
    return Process.newBuilder()
        .addArgs("true")
        .addEnv("PATH=/bin")
        .setCwd("/")
        .setUser(User.newBuilder().addAdditionalGids(1))
        .setCapabilities(LinuxCapabilities.newBuilder().addBounding("CAP_KILL"))
        .addRlimits(POSIXRlimit.newBuilder().setType("RLIMIT_NOFILE").setHard(1).setSoft(1))
        .build();
  }

  private static Linux linux() {
    LinuxResources resources =
        LinuxResources.newBuilder()
            .setMemory(LinuxMemory.newBuilder().setLimit(1 << 26))
            .setCPU(LinuxCPU.newBuilder().setShares(1024))
            .setPids(LinuxPids.newBuilder().setLimit(100))
            .addDevices(LinuxDeviceCgroup.newBuilder().setAccess("rwm"))
            .build();
    LinuxSyscall rule =
        LinuxSyscall.newBuilder()
            .addNames("read")
            .setAction("SCMP_ACT_ALLOW")
            .addArgs(LinuxSeccompArg.newBuilder().setOp("SCMP_CMP_EQ"))
            .build();
    return Linux.newBuilder()
        .addNamespaces(LinuxNamespace.newBuilder().setType("ipc"))
        .addNamespaces(LinuxNamespace.newBuilder().setType("uts"))
        .putSysctl("net.ipv4.ip_unprivileged_port_start", "0")
        .addDevices(LinuxDevice.newBuilder().setPath("/dev/null").setType("c"))
        .setResources(resources)
        .setSeccomp(LinuxSeccomp.newBuilder().setDefaultAction("SCMP_ACT_ERRNO").addSyscalls(rule))
        .addMaskedPaths("/proc/kcore")
        .addReadonlyPaths("/proc/sys")
        .build();
  }

  /** One child whose output is read to its end; this very program with an option it refuses. */
  private static void reap(Children children) throws InterruptedException {
    try (ProcessStreams.Pipes pipes = ProcessStreams.pipes();
        ProcessStreams streams = pipes.streams()) {
      Child child =
          children.spawn(
              ChildCommand.of(List.of("/proc/self/exe", "-XX:none"))
                  .withDescriptors(pipes.farEnds().toArray(Descriptor[]::new)));
      for (Descriptor end : pipes.farEnds()) {
        end.close();
      }
      while (!streams.errors().read(READ, new NeverCancelled()).isEmpty()) {
        // All of it.
      }
      int ignored = child.await();
    } catch (LinuxException | CasemateException e) {
      // A build without /proc trains the rest.
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
