package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.json.Json;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.json.JsonObject;
import dev.casemate.protocol.agent.Box;
import dev.casemate.protocol.agent.Hook;
import dev.casemate.protocol.agent.Hooks;
import dev.casemate.protocol.agent.Linux;
import dev.casemate.protocol.agent.LinuxBlockIO;
import dev.casemate.protocol.agent.LinuxCPU;
import dev.casemate.protocol.agent.LinuxCapabilities;
import dev.casemate.protocol.agent.LinuxDevice;
import dev.casemate.protocol.agent.LinuxDeviceCgroup;
import dev.casemate.protocol.agent.LinuxHugepageLimit;
import dev.casemate.protocol.agent.LinuxIDMapping;
import dev.casemate.protocol.agent.LinuxMemory;
import dev.casemate.protocol.agent.LinuxNamespace;
import dev.casemate.protocol.agent.LinuxPids;
import dev.casemate.protocol.agent.LinuxResources;
import dev.casemate.protocol.agent.LinuxSeccomp;
import dev.casemate.protocol.agent.LinuxSeccompArg;
import dev.casemate.protocol.agent.LinuxSyscall;
import dev.casemate.protocol.agent.LinuxThrottleDevice;
import dev.casemate.protocol.agent.Mount;
import dev.casemate.protocol.agent.POSIXRlimit;
import dev.casemate.protocol.agent.Process;
import dev.casemate.protocol.agent.Root;
import dev.casemate.protocol.agent.Spec;
import dev.casemate.protocol.agent.User;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpecJsonTest {
  private static JsonObject json(String text) {
    return Json.parseObject(text, "the expected document", JsonLimits.SMALL);
  }

  private static JsonObject convert(Spec spec) {
    return SpecJson.spec(spec, ContainerNamespaces.of(spec, "", true), "/casemate/c1");
  }

  @Test
  void aProcessKeepsAllThatTheWireCarries() {
    Process process =
        Process.newBuilder()
            .setTerminal(true)
            .setConsoleSize(Box.newBuilder().setHeight(24).setWidth(80))
            .setUser(
                User.newBuilder().setUID(-1).setGID(1000).addAdditionalGids(5).setUsername("u"))
            .addAllArgs(List.of("sh", "-c", "\"quoted\"\n\u0001"))
            .addEnv("A=ä")
            .setCwd("/work")
            .setCapabilities(
                LinuxCapabilities.newBuilder()
                    .addBounding("CAP_KILL")
                    .addEffective("CAP_CHOWN")
                    .addPermitted("CAP_FOWNER")
                    .addInheritable("CAP_SETUID")
                    .addAmbient("CAP_SETGID"))
            .addRlimits(POSIXRlimit.newBuilder().setType("RLIMIT_NOFILE").setHard(-1).setSoft(1024))
            .setNoNewPrivileges(true)
            .setOOMScoreAdj(-998)
            .setApparmorProfile("docker-default")
            .setSelinuxLabel("label")
            .build();
    assertThat(SpecJson.process(process))
        .isEqualTo(
            json(
                """
                {"terminal":true,"consoleSize":{"height":24,"width":80},
                 "user":{"uid":4294967295,"gid":1000,"additionalGids":[5],"username":"u"},
                 "args":["sh","-c","\\"quoted\\"\\n\\u0001"],"env":["A=ä"],"cwd":"/work",
                 "capabilities":{"bounding":["CAP_KILL"],"effective":["CAP_CHOWN"],
                   "inheritable":["CAP_SETUID"],"permitted":["CAP_FOWNER"],
                   "ambient":["CAP_SETGID"]},
                 "rlimits":[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":1024}],
                 "noNewPrivileges":true,"oomScoreAdj":-998}
                """));
  }

  @Test
  void aContainerKeepsAllThatHasAMeaningInAGuest() {
    Spec spec =
        Spec.newBuilder()
            .setVersion("1.2.1")
            .setRoot(Root.newBuilder().setPath("/run/r").setReadonly(true))
            .setHostname("h")
            .addMounts(
                Mount.newBuilder()
                    .setDestination("/proc")
                    .setType("proc")
                    .setSource("proc")
                    .addOptions("nosuid"))
            .setHooks(
                Hooks.newBuilder()
                    .addPrestart(Hook.newBuilder().setPath("/host"))
                    .addStartContainer(
                        Hook.newBuilder().setPath("/guest").addArgs("a").setTimeout(3)))
            .putAnnotations("k", "v")
            .putAnnotations("run.oci.handler", "krun")
            .putAnnotations("module.wasm.image/variant", "compat")
            .setLinux(linux())
            .build();
    assertThat(convert(spec))
        .isEqualTo(
            json(
                """
                {"ociVersion":"1.0.2","root":{"path":"/run/r","readonly":true},"hostname":"h",
                 "mounts":[{"destination":"/proc","type":"proc","source":"proc",
                   "options":["nosuid"]}],
                 "hooks":{"startContainer":[{"path":"/guest","args":["a"],"timeout":3}]},
                 "annotations":{"k":"v"},
                 "linux":{
                  "uidMappings":[{"containerID":0,"hostID":100000,"size":65536}],
                  "sysctl":{"net.core.somaxconn":"1"},
                  "resources":{
                   "devices":[{"allow":false,"access":"rwm"},
                    {"allow":true,"type":"c","access":"m"},
                    {"allow":true,"type":"c","major":136,"access":"rwm"},
                    {"allow":true,"type":"c","major":1,"minor":3,"access":"rw"}],
                   "memory":{"limit":67108864,"swap":-1},
                   "cpu":{"shares":512,"quota":-1,"period":100000,"cpus":"0-1"},
                   "pids":{"limit":100},
                   "blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":1}]},
                   "hugepageLimits":[{"pageSize":"2MB","limit":4194304}]},
                  "cgroupsPath":"/casemate/c1",
                  "namespaces":[{"type":"mount"},{"type":"pid"},{"type":"cgroup"},
                   {"type":"network","path":"/proc/self/ns/net"},
                   {"type":"ipc","path":"/proc/self/ns/ipc"},{"type":"user"}],
                  "devices":[{"path":"/dev/x","type":"c","major":1,"minor":3,"fileMode":438,
                    "uid":0,"gid":5},{"path":"/dev/p","type":"p","uid":0,"gid":0}],
                  "seccomp":{"defaultAction":"SCMP_ACT_ERRNO",
                   "architectures":["SCMP_ARCH_X86_64"],
                   "syscalls":[{"names":["clone"],"action":"SCMP_ACT_ERRNO","errnoRet":38,
                    "args":[{"index":0,"value":2114060288,"op":"SCMP_CMP_MASKED_EQ"}]},
                    {"names":["read"],"action":"SCMP_ACT_ALLOW"}]},
                  "rootfsPropagation":"rslave",
                  "maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"]}}
                """));
  }

  private static Linux.Builder linux() {
    return Linux.newBuilder()
        .addUIDMappings(LinuxIDMapping.newBuilder().setHostID(100000).setSize(65536))
        .putSysctl("net.core.somaxconn", "1")
        .setResources(resources())
        .setCgroupsPath("/host/path")
        .addNamespaces(LinuxNamespace.newBuilder().setType("pid").setPath("/proc/7/ns/pid"))
        .addNamespaces(LinuxNamespace.newBuilder().setType("ipc").setPath("/proc/7/ns/ipc"))
        .addNamespaces(LinuxNamespace.newBuilder().setType("time"))
        .addNamespaces(LinuxNamespace.newBuilder().setType("user"))
        .addDevices(
            LinuxDevice.newBuilder()
                .setPath("/dev/x")
                .setType("c")
                .setMajor(1)
                .setMinor(3)
                .setFileMode(0x1b6)
                .setGID(5))
        .addDevices(LinuxDevice.newBuilder().setPath("/dev/p").setType("p"))
        .setSeccomp(
            LinuxSeccomp.newBuilder()
                .setDefaultAction("SCMP_ACT_ERRNO")
                .addArchitectures("SCMP_ARCH_X86_64")
                .addSyscalls(
                    LinuxSyscall.newBuilder()
                        .addNames("clone")
                        .setAction("SCMP_ACT_ERRNO")
                        .setErrnoret(38)
                        .addArgs(
                            LinuxSeccompArg.newBuilder()
                                .setValue(2114060288)
                                .setOp("SCMP_CMP_MASKED_EQ")))
                .addSyscalls(
                    LinuxSyscall.newBuilder().addNames("read").setAction("SCMP_ACT_ALLOW")))
        .setRootfsPropagation("rslave")
        .addMaskedPaths("/proc/kcore")
        .addReadonlyPaths("/proc/sys")
        .setMountLabel("label");
  }

  private static LinuxResources.Builder resources() {
    LinuxDeviceCgroup.Builder rule = LinuxDeviceCgroup.newBuilder();
    return LinuxResources.newBuilder()
        .addDevices(rule.setAccess("rwm"))
        .addDevices(rule.setAllow(true).setType("c").setAccess("m"))
        .addDevices(rule.setMajor(136).setMinor(-1).setAccess("rwm"))
        .addDevices(rule.setMajor(1).setMinor(3).setAccess("rw"))
        .setMemory(
            LinuxMemory.newBuilder()
                .setLimit(1 << 26)
                .setSwap(-1)
                .setKernel(1)
                .setDisableOOMKiller(true))
        .setCPU(LinuxCPU.newBuilder().setShares(512).setQuota(-1).setPeriod(100000).setCpus("0-1"))
        .setPids(LinuxPids.newBuilder().setLimit(100))
        .setBlockIO(
            LinuxBlockIO.newBuilder()
                .addThrottleReadBpsDevice(LinuxThrottleDevice.newBuilder().setMajor(8).setRate(1)))
        .addHugepageLimits(LinuxHugepageLimit.newBuilder().setPagesize("2MB").setLimit(4194304));
  }
}
