package dev.casemate.hypervisor.qemu;

import dev.casemate.core.Hypervisor;
import dev.casemate.core.MachineCapabilities;
import dev.casemate.core.MachineCapability;
import dev.casemate.core.MachineDevice;
import dev.casemate.core.MachineSpec;
import dev.casemate.core.MachineSummary;
import dev.casemate.core.VirtualMachine;
import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.HostCommand;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.linux.Descriptor;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Starts QEMU machines. Thread-safe and without state of its own. */
public final class QemuHypervisor implements Hypervisor {
  /** A file daemon listens some 20 ms after its start; it may have been started with the VMM. */
  private static final Duration FILE_DAEMON_BOUND = Duration.ofSeconds(10);

  private static final long POLL_MILLISECONDS = 2;

  private final QemuSettings settings;
  private final Supervisor supervisor;
  private final LongSupplier oomKills;

  /**
   * A driver.
   *
   * @param supervisor spawns QEMU; when it is closed the machines die
   * @param oomKills counts what the host's kernel has killed for memory in the control group that
   *     QEMU runs in; must not fail
   */
  public QemuHypervisor(QemuSettings settings, Supervisor supervisor, LongSupplier oomKills) {
    this.settings = settings;
    this.supervisor = supervisor;
    this.oomKills = oomKills;
  }

  @Override
  public MachineCapabilities capabilities() {
    return settings.machine().capabilities();
  }

  /**
   * How guest code would run on this host, for people: probes unless the answer is known.
   *
   * @param runDirectory a scratch directory that other users may pass through
   * @throws CasemateException HOST_UNFIT without QEMU, or when KVM is demanded and does not work
   */
  public ProbeResult probe(VmmCredentials credentials, Path runDirectory) {
    Path binary = QemuBinary.find(settings.binary());
    KvmNode kvm = KvmNode.look(KvmNode.USUAL);
    return new AcceleratorProbe(supervisor, kvm)
        .choose(settings, binary, credentials, runDirectory);
  }

  @Override
  public VirtualMachine launch(MachineSpec spec) {
    checkDevices(spec);
    Path binary = QemuBinary.find(settings.binary());
    GuestFiles.check(spec);
    KvmNode kvm = KvmNode.look(KvmNode.USUAL);
    Path directory = VmmDirectory.make(spec.runDirectory(), spec.credentials());
    List<Descriptor> descriptors = new ArrayList<>();
    try {
      ProbeResult probe =
          new AcceleratorProbe(supervisor, kvm)
              .choose(settings, binary, spec.credentials(), spec.runDirectory());
      awaitFileDaemons(spec);
      List<Descriptor> vhost = VhostNet.open(settings, probe.accelerator(), spec);
      descriptors.addAll(vhost);
      QemuCommandLine line = commandLine(spec, binary, directory, probe, vhost);
      List<Descriptor> given = line.descriptors().stream().map(Descriptor::duplicateOf).toList();
      descriptors.addAll(given);
      HostCommand command =
          new HostCommand("qemu", line.argv(), kvm.confine(spec.credentials()), Map.of(), given);
      return QemuVirtualMachine.start(start(spec, command, directory, probe));
    } catch (RuntimeException e) {
      VmmDirectory.remove(directory);
      throw e;
    } finally {
      descriptors.forEach(Descriptor::close);
    }
  }

  private QemuCommandLine commandLine(
      MachineSpec spec, Path binary, Path directory, ProbeResult probe, List<Descriptor> vhost) {
    String kernelCommandLine =
        KernelCommandLine.of(
            spec.guest().kernelParameters(),
            probe.accelerator(),
            probe.tscKhz(),
            settings.extraKernelParameters());
    return new QemuCommandLine(
        binary,
        settings.machine(),
        probe.accelerator(),
        directory,
        spec,
        kernelCommandLine,
        vhost.stream().map(Descriptor::number).toList());
  }

  private QemuVirtualMachine.Start start(
      MachineSpec spec, HostCommand command, Path directory, ProbeResult probe) {
    MachineSummary summary =
        new MachineSummary(
            "qemu",
            settings.machine().label(),
            probe.accelerator(),
            "virtio-serial",
            spec.guest().kernelRelease(),
            spec.vcpus(),
            spec.memoryBytes());
    return new QemuVirtualMachine.Start(
        supervisor, command, spec, summary, directory, settings.crashDirectory(), oomKills);
  }

  private void checkDevices(MachineSpec spec) {
    String tried = "start machine " + spec.name();
    MachineCapabilities capabilities = capabilities();
    for (MachineDevice device : spec.devices()) {
      capabilities.require(
          switch (device) {
            case MachineDevice.Block b -> MachineCapability.BLOCK_COLD_PLUG;
            case MachineDevice.VirtioFs f -> MachineCapability.VIRTIO_FS;
            case MachineDevice.NineP p -> MachineCapability.NINE_P;
            case MachineDevice.NetworkCard n -> MachineCapability.NETWORK_COLD_PLUG;
          },
          tried);
    }
    int most = settings.machine().slots() - QemuCommandLine.OWN_DEVICES;
    if (spec.devices().size() > most) {
      throw new CasemateException(
          ErrorCode.UNSUPPORTED,
          tried,
          spec.devices().size()
              + " devices asked for, "
              + capabilities.machine()
              + " takes "
              + most,
          "use fewer volumes and interfaces");
    }
  }

  /** Waits until the file daemons listen, and lets the VMM's user connect to them. */
  private static void awaitFileDaemons(MachineSpec spec) {
    long deadline = System.nanoTime() + FILE_DAEMON_BOUND.toNanos();
    for (MachineDevice device : spec.devices()) {
      if (device instanceof MachineDevice.VirtioFs share) {
        awaitSocket(share.socket(), deadline);
        try {
          VmmDirectory.giveTo(share.socket(), spec.credentials());
        } catch (IOException e) {
          throw silentDaemon(share.socket(), String.valueOf(e.getMessage()), e);
        }
      }
    }
  }

  private static void awaitSocket(Path socket, long deadline) {
    while (!Files.exists(socket)) {
      if (System.nanoTime() - deadline > 0) {
        throw silentDaemon(
            socket, "it does not listen after " + FILE_DAEMON_BOUND.toSeconds() + " s", null);
      }
      try {
        Thread.sleep(POLL_MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CasemateException(
            ErrorCode.CANCELLED, "wait for the file daemon", "the caller gave up", "", e);
      }
    }
  }

  private static CasemateException silentDaemon(
      Path socket, String why, @org.jspecify.annotations.Nullable Throwable cause) {
    return new CasemateException(
        ErrorCode.HELPER_DIED, "use the file daemon at " + socket, why, "", cause);
  }
}
