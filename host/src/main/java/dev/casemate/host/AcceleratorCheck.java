package dev.casemate.host;

import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.hypervisor.qemu.AcceleratorChoice;
import dev.casemate.hypervisor.qemu.ProbeResult;
import dev.casemate.hypervisor.qemu.QemuHypervisor;
import dev.casemate.hypervisor.qemu.QemuMachine;
import dev.casemate.hypervisor.qemu.QemuSettings;
import dev.casemate.model.configuration.QemuConfiguration;
import java.nio.file.Path;
import java.util.List;

/**
 * How guest code would run on this host, for people: what a probe machine reached.
 *
 * @param kvm whether it ran under KVM; emulated otherwise
 * @param reason why
 */
public record AcceleratorCheck(boolean kvm, String reason) {
  /**
   * Runs a probe machine, whatever was found out before; takes some 40 ms, or 2.5 s where KVM
   * hangs.
   *
   * @param scratch an empty directory for its files
   * @throws dev.casemate.model.CasemateException HOST_UNFIT without QEMU
   */
  public static AcceleratorCheck run(QemuConfiguration qemu, Path scratch) {
    QemuSettings settings =
        new QemuSettings(
            qemu.path(),
            QemuMachine.MICROVM,
            AcceleratorChoice.AUTO,
            scratch.resolve("cache"),
            scratch.resolve("crash"),
            true,
            List.of());
    try (Supervisor supervisor = new Supervisor()) {
      ProbeResult result =
          new QemuHypervisor(settings, supervisor, () -> 0)
              .probe(new VmmCredentials(0, 0), scratch);
      return switch (result.accelerator()) {
        case KVM -> new AcceleratorCheck(true, result.reason());
        case TCG -> new AcceleratorCheck(false, result.reason());
      };
    }
  }
}
