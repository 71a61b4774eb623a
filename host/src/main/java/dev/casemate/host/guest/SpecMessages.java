package dev.casemate.host.guest;

import dev.casemate.model.oci.Capabilities;
import dev.casemate.model.oci.Device;
import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.IdMapping;
import dev.casemate.model.oci.LinuxSpec;
import dev.casemate.model.oci.Mount;
import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Rlimit;
import dev.casemate.model.oci.Seccomp;
import dev.casemate.model.oci.SeccompArgument;
import dev.casemate.model.oci.SeccompSyscall;
import dev.casemate.model.oci.Spec;
import dev.casemate.model.oci.SpecRemainder;
import dev.casemate.protocol.agent.Box;
import dev.casemate.protocol.agent.Hooks;
import dev.casemate.protocol.agent.Linux;
import dev.casemate.protocol.agent.LinuxCapabilities;
import dev.casemate.protocol.agent.LinuxDevice;
import dev.casemate.protocol.agent.LinuxIDMapping;
import dev.casemate.protocol.agent.LinuxNamespace;
import dev.casemate.protocol.agent.LinuxSeccomp;
import dev.casemate.protocol.agent.LinuxSeccompArg;
import dev.casemate.protocol.agent.LinuxSyscall;
import dev.casemate.protocol.agent.POSIXRlimit;
import dev.casemate.protocol.agent.Process;
import dev.casemate.protocol.agent.Root;
import dev.casemate.protocol.agent.User;

/**
 * A container's configuration as the agent's messages, which cannot tell an absent number from
 * zero: zero stands for absent there. What has no field in them rides beside them ({@link
 * SpecRemainder}): in an annotation, or in a request of ours for a further process.
 */
final class SpecMessages {
  private SpecMessages() {}

  static dev.casemate.protocol.agent.Spec spec(Spec spec) {
    var message =
        dev.casemate.protocol.agent.Spec.newBuilder()
            .setVersion(spec.ociVersion())
            .setProcess(process(spec.process()))
            .setRoot(
                Root.newBuilder().setPath(spec.root().path()).setReadonly(spec.root().readonly()))
            .setHooks(hooks(spec.hooks()))
            .putAllAnnotations(spec.annotations())
            .setLinux(linux(spec.linux()));
    if (spec.hostname() != null) {
      message.setHostname(spec.hostname());
    }
    for (Mount mount : spec.mounts()) {
      message.addMounts(mount(mount));
    }
    String remainder = SpecRemainder.of(spec);
    if (remainder != null) {
      message.putAnnotations(SpecRemainder.ANNOTATION, remainder);
    }
    return message.build();
  }

  static Process process(ProcessSpec process) {
    var message =
        Process.newBuilder()
            .setTerminal(process.terminal())
            .setUser(user(process.user()))
            .addAllArgs(process.args())
            .addAllEnv(process.env())
            .setCwd(process.cwd())
            .setNoNewPrivileges(process.noNewPrivileges());
    if (process.consoleSize() != null) {
      message.setConsoleSize(
          Box.newBuilder()
              .setHeight((int) process.consoleSize().height())
              .setWidth((int) process.consoleSize().width()));
    }
    if (process.capabilities() != null) {
      message.setCapabilities(capabilities(process.capabilities()));
    }
    for (Rlimit limit : process.rlimits()) {
      message.addRlimits(
          POSIXRlimit.newBuilder()
              .setType(limit.type())
              .setHard(limit.hard())
              .setSoft(limit.soft()));
    }
    if (process.apparmorProfile() != null) {
      message.setApparmorProfile(process.apparmorProfile());
    }
    if (process.oomScoreAdj() != null) {
      message.setOOMScoreAdj(process.oomScoreAdj());
    }
    if (process.selinuxLabel() != null) {
      message.setSelinuxLabel(process.selinuxLabel());
    }
    return message.build();
  }

  private static User user(dev.casemate.model.oci.User user) {
    var message = User.newBuilder().setUID((int) user.uid()).setGID((int) user.gid());
    for (long gid : user.additionalGids()) {
      message.addAdditionalGids((int) gid);
    }
    if (user.username() != null) {
      message.setUsername(user.username());
    }
    return message.build();
  }

  private static LinuxCapabilities capabilities(Capabilities capabilities) {
    return LinuxCapabilities.newBuilder()
        .addAllBounding(capabilities.bounding())
        .addAllEffective(capabilities.effective())
        .addAllInheritable(capabilities.inheritable())
        .addAllPermitted(capabilities.permitted())
        .addAllAmbient(capabilities.ambient())
        .build();
  }

  private static dev.casemate.protocol.agent.Mount mount(Mount mount) {
    var message =
        dev.casemate.protocol.agent.Mount.newBuilder()
            .setDestination(mount.destination())
            .addAllOptions(mount.options());
    if (mount.type() != null) {
      message.setType(mount.type());
    }
    if (mount.source() != null) {
      message.setSource(mount.source());
    }
    return message.build();
  }

  private static Hooks hooks(dev.casemate.model.oci.Hooks hooks) {
    Hooks.Builder message = Hooks.newBuilder();
    hooks.prestart().forEach(hook -> message.addPrestart(hook(hook)));
    hooks.createRuntime().forEach(hook -> message.addCreateRuntime(hook(hook)));
    hooks.createContainer().forEach(hook -> message.addCreateContainer(hook(hook)));
    hooks.startContainer().forEach(hook -> message.addStartContainer(hook(hook)));
    hooks.poststart().forEach(hook -> message.addPoststart(hook(hook)));
    hooks.poststop().forEach(hook -> message.addPoststop(hook(hook)));
    return message.build();
  }

  private static dev.casemate.protocol.agent.Hook hook(Hook hook) {
    var message =
        dev.casemate.protocol.agent.Hook.newBuilder()
            .setPath(hook.path())
            .addAllArgs(hook.args())
            .addAllEnv(hook.env());
    if (hook.timeout() != null) {
      message.setTimeout(hook.timeout());
    }
    return message.build();
  }

  private static Linux linux(LinuxSpec linux) {
    Linux.Builder message =
        Linux.newBuilder()
            .putAllSysctl(linux.sysctl())
            .addAllMaskedPaths(linux.maskedPaths())
            .addAllReadonlyPaths(linux.readonlyPaths());
    linux.uidMappings().forEach(mapping -> message.addUIDMappings(mapping(mapping)));
    linux.gidMappings().forEach(mapping -> message.addGIDMappings(mapping(mapping)));
    linux.namespaces().forEach(namespace -> message.addNamespaces(namespace(namespace)));
    linux.devices().forEach(device -> message.addDevices(device(device)));
    if (linux.resources() != null) {
      message.setResources(ResourceMessages.resources(linux.resources()));
    }
    if (linux.cgroupsPath() != null) {
      message.setCgroupsPath(linux.cgroupsPath());
    }
    if (linux.seccomp() != null) {
      message.setSeccomp(seccomp(linux.seccomp()));
    }
    if (linux.rootfsPropagation() != null) {
      message.setRootfsPropagation(linux.rootfsPropagation());
    }
    if (linux.mountLabel() != null) {
      message.setMountLabel(linux.mountLabel());
    }
    return message.build();
  }

  private static LinuxIDMapping mapping(IdMapping mapping) {
    return LinuxIDMapping.newBuilder()
        .setHostID((int) mapping.hostId())
        .setContainerID((int) mapping.containerId())
        .setSize((int) mapping.size())
        .build();
  }

  private static LinuxNamespace namespace(Namespace namespace) {
    var message = LinuxNamespace.newBuilder().setType(namespace.type().text());
    if (namespace.path() != null) {
      message.setPath(namespace.path());
    }
    return message.build();
  }

  private static LinuxDevice device(Device device) {
    return LinuxDevice.newBuilder()
        .setPath(device.path())
        .setType(device.type())
        .setMajor(ResourceMessages.orZero(device.major()))
        .setMinor(ResourceMessages.orZero(device.minor()))
        .setFileMode((int) ResourceMessages.orZero(device.fileMode()))
        .setUID((int) ResourceMessages.orZero(device.uid()))
        .setGID((int) ResourceMessages.orZero(device.gid()))
        .build();
  }

  private static LinuxSeccomp seccomp(Seccomp seccomp) {
    LinuxSeccomp.Builder message =
        LinuxSeccomp.newBuilder()
            .setDefaultAction(seccomp.defaultAction())
            .addAllArchitectures(seccomp.architectures())
            .addAllFlags(seccomp.flags());
    for (SeccompSyscall syscall : seccomp.syscalls()) {
      LinuxSyscall.Builder rule =
          LinuxSyscall.newBuilder().addAllNames(syscall.names()).setAction(syscall.action());
      if (syscall.errnoRet() != null) {
        rule.setErrnoret(syscall.errnoRet().intValue());
      }
      for (SeccompArgument argument : syscall.args()) {
        rule.addArgs(
            LinuxSeccompArg.newBuilder()
                .setIndex(argument.index())
                .setValue(argument.value())
                .setValueTwo(ResourceMessages.orZero(argument.valueTwo()))
                .setOp(argument.op()));
      }
      message.addSyscalls(rule);
    }
    return message.build();
  }
}
