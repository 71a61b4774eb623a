package dev.casemate.host;

import dev.casemate.core.ContainerObserver;
import dev.casemate.core.ContainerStorage;
import dev.casemate.core.GuestSoftware;
import dev.casemate.core.Hypervisor;
import dev.casemate.core.MachineLimits;
import dev.casemate.core.MachineSize;
import dev.casemate.core.SandboxNetwork;
import dev.casemate.core.SandboxPorts;
import dev.casemate.core.SandboxRequest;
import dev.casemate.core.VmmCredentials;
import dev.casemate.host.cgroup.SandboxCgroups;
import dev.casemate.host.guest.TtrpcGuestAgent;
import dev.casemate.host.hooks.HostHooks;
import dev.casemate.host.network.NetworkOptions;
import dev.casemate.host.network.NoNetwork;
import dev.casemate.host.network.SandboxNamespace;
import dev.casemate.host.network.TapNetwork;
import dev.casemate.host.state.RunDirectory;
import dev.casemate.host.storage.DirectoryStorage;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.hypervisor.qemu.AcceleratorChoice;
import dev.casemate.hypervisor.qemu.QemuHypervisor;
import dev.casemate.hypervisor.qemu.QemuMachine;
import dev.casemate.hypervisor.qemu.QemuSettings;
import dev.casemate.model.ContainerId;
import dev.casemate.model.configuration.Configuration;
import dev.casemate.model.configuration.QemuConfiguration;
import dev.casemate.model.oci.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where all is wired: which adapter serves which port is decided here and nowhere else. Belongs to
 * one monitor, whose children die with it. Thread-safe.
 */
public final class HostRuntime {
  /** Above every user that a distribution or a directory service gives out, below 2^31. */
  private static final int FIRST_VMM_UID = 0x7000_0000;

  private static final String NINE_P = "ninep";
  private static final Path HOSTNAME = Path.of("/proc/sys/kernel/hostname");
  private static final Path STATE = Path.of("/var/lib/casemate");

  private final QemuConfiguration qemu;
  private final Configuration configuration;
  private final InstalledGuest guest;
  private final VmmCredentials credentials;
  private final Supervisor supervisor = new Supervisor();

  /**
   * A runtime.
   *
   * @param home the installation's directory
   * @throws dev.casemate.model.CasemateException GUEST_IMAGE when there is no guest to boot
   */
  public HostRuntime(Path home, Configuration configuration) {
    this.configuration = configuration;
    qemu =
        switch (configuration.hypervisor()) {
          case QemuConfiguration chosen -> chosen;
        };
    guest = InstalledGuest.find(home, qemu);
    credentials = credentials(qemu, guest);
  }

  /** A user of its own for each machine: no two living monitors have one process id. */
  private static VmmCredentials credentials(QemuConfiguration qemu, InstalledGuest guest) {
    if (DirectoryStorage.needsPrivilegedVmm(qemu, guest.has(NINE_P))) {
      return new VmmCredentials(0, 0);
    }
    int uid = Math.addExact(FIRST_VMM_UID, Math.toIntExact(ProcessHandle.current().pid()));
    return new VmmCredentials(uid, uid);
  }

  /**
   * The files of a sandbox's containers.
   *
   * @param scratch whether what containers write to their root file system is thrown away
   * @param notes is told what of a configuration cannot be had
   */
  public ContainerStorage storage(RunDirectory run, boolean scratch, Consumer<String> notes) {
    return new DirectoryStorage(
        supervisor,
        run.path(),
        credentials,
        new DirectoryStorage.Options(
            qemu,
            guest.has(NINE_P),
            scratch ? Optional.of(run.scratch()) : Optional.empty(),
            !configuration.runtime().disableGuestSeccomp()),
        notes);
  }

  /**
   * The network of a sandbox.
   *
   * @param notes is told what the machine does not get
   */
  public SandboxNetwork network(
      SandboxNamespace namespace, RunDirectory run, Consumer<String> notes) {
    NetworkOptions options =
        new NetworkOptions(
            qemu.networkQueues(),
            qemu.networkSpareCards(),
            new NetworkOptions.RateLimits(qemu.receiveRate(), qemu.sendRate()));
    return switch (configuration.runtime().networkModel()) {
      case MIRRORED -> new TapNetwork(namespace, run.path(), options, notes);
      case NONE -> new NoNetwork();
    };
  }

  /** What a sandbox works with. */
  public SandboxPorts ports(
      ContainerStorage storage,
      SandboxNetwork network,
      SandboxCgroups cgroups,
      ContainerObserver observer) {
    Hypervisor hypervisor =
        new QemuHypervisor(settings(), supervisor, () -> cgroups.outOfMemory() ? 1 : 0);
    return new SandboxPorts(
        hypervisor,
        TtrpcGuestAgent::new,
        storage,
        network,
        new HostHooks(observer::warned),
        observer);
  }

  private QemuSettings settings() {
    List<String> kernelParameters = new ArrayList<>();
    for (String word : qemu.kernelParams().split(" ", -1)) {
      if (!word.isEmpty()) {
        kernelParameters.add(word);
      }
    }
    return new QemuSettings(
        qemu.path(),
        switch (qemu.machineType()) {
          case MICROVM -> QemuMachine.MICROVM;
          case Q35 -> QemuMachine.Q35;
        },
        switch (qemu.accelerator()) {
          case AUTO -> AcceleratorChoice.AUTO;
          case KVM -> AcceleratorChoice.KVM;
          case TCG -> AcceleratorChoice.TCG;
        },
        STATE.resolve("cache"),
        STATE.resolve("crash"),
        !qemu.disableVhostNet(),
        kernelParameters);
  }

  /** This host's name, which a container without one of its own has under every runtime. */
  private static String hostname() {
    try {
      return Files.readString(HOSTNAME).strip();
    } catch (IOException noProc) {
      return "localhost";
    }
  }

  /**
   * What machines boot.
   *
   * @throws dev.casemate.model.CasemateException GUEST_IMAGE when a file of it is missing or
   *     damaged
   */
  public GuestSoftware guest() {
    return guest.software(qemu);
  }

  /**
   * What a sandbox shall be.
   *
   * @param spec of the first container
   * @param limits of all containers together
   */
  public SandboxRequest sandboxRequest(
      ContainerId id, Spec spec, MachineLimits limits, RunDirectory run) {
    MachineSize defaults = new MachineSize(qemu.defaultVcpus(), qemu.defaultMemory().bytes());
    int most = Math.min(Runtime.getRuntime().availableProcessors(), guest.maximumCpus());
    int allowed = qemu.defaultMaxVcpus() > 0 ? Math.min(most, qemu.defaultMaxVcpus()) : most;
    return new SandboxRequest(
        id.value(),
        spec.hostname() == null ? hostname() : spec.hostname(),
        run.path(),
        MachineSize.of(limits, defaults, allowed),
        guest(),
        credentials,
        configuration.agent().dialTimeout());
  }
}
