package dev.casemate.agent;

import dev.casemate.protocol.agent.CreateContainerRequest;
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
import dev.casemate.protocol.agent.Mount;
import dev.casemate.protocol.agent.POSIXRlimit;
import dev.casemate.protocol.agent.Process;
import dev.casemate.protocol.agent.Root;
import dev.casemate.protocol.agent.Spec;
import dev.casemate.protocol.agent.Storage;
import dev.casemate.protocol.agent.User;
import java.util.Map;

/** The container that a training run asks for: as Docker asks, in its main features. */
final class TrainingContainer {
  private TrainingContainer() {}

  /** The request. */
  static CreateContainerRequest request() {
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
}
