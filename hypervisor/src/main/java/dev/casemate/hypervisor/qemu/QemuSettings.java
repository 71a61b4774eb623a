package dev.casemate.hypervisor.qemu;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How this host wants its QEMU.
 *
 * @param binary the program, or empty to look for it in the usual places
 * @param machine the machine type
 * @param accelerator how guest code runs
 * @param cacheDirectory where the result of the probe is kept, made when missing
 * @param crashDirectory where crash bundles go, made when missing; outlives the sandbox
 * @param vhostNet whether the host's kernel moves packets where it can, under KVM
 * @param extraKernelParameters appended last, for debugging; each one printable ASCII word
 */
public record QemuSettings(
    Optional<Path> binary,
    QemuMachine machine,
    AcceleratorChoice accelerator,
    Path cacheDirectory,
    Path crashDirectory,
    boolean vhostNet,
    List<String> extraKernelParameters) {
  /** Copies the list. */
  public QemuSettings {
    extraKernelParameters = List.copyOf(extraKernelParameters);
  }

  /** The defaults: microvm, the accelerator by probe, caches and bundles under {@code state}. */
  public static QemuSettings defaults(Path state) {
    return new QemuSettings(
        Optional.empty(),
        QemuMachine.MICROVM,
        AcceleratorChoice.AUTO,
        state.resolve("cache"),
        state.resolve("crash"),
        true,
        List.of());
  }
}
