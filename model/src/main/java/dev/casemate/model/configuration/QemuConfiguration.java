package dev.casemate.model.configuration;

import dev.casemate.model.DataSize;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Section {@code [hypervisor.qemu]}; {@link ConfigurationKey} says what each key means.
 *
 * @param path QEMU's program, or empty to look for it
 * @param guest which installed guest to boot
 * @param kernel the guest's kernel, or empty for the guest's own
 * @param image the guest's root image, or empty for the guest's own
 * @param initrd the guest's initrd, or empty for the guest's own
 * @param kernelParams added to the kernel's command line
 * @param machineType the machine
 * @param accelerator how instructions are run
 * @param defaultVcpus 1 to 255
 * @param defaultMaxVcpus 1 to 255, or 0 for the host's number
 * @param defaultMemory memory without a limit
 * @param sharedFs how directories get into the guest
 * @param virtioFsDaemon virtiofsd, or empty to look for it
 * @param virtioFsCache what the guest may remember
 * @param networkQueues 1 to 256
 * @param disableVhostNet whether QEMU moves packets itself
 * @param networkSpareCards 0 to 8
 * @param receiveRate bits per second, or 0
 * @param sendRate bits per second, or 0
 * @param enableDebug whether the guest's kernel prints all it does
 */
public record QemuConfiguration(
    Optional<Path> path,
    GuestKind guest,
    Optional<Path> kernel,
    Optional<Path> image,
    Optional<Path> initrd,
    String kernelParams,
    MachineType machineType,
    Accelerator accelerator,
    int defaultVcpus,
    int defaultMaxVcpus,
    DataSize defaultMemory,
    SharedFileSystem sharedFs,
    Optional<Path> virtioFsDaemon,
    VirtioFsCache virtioFsCache,
    int networkQueues,
    boolean disableVhostNet,
    int networkSpareCards,
    long receiveRate,
    long sendRate,
    boolean enableDebug)
    implements HypervisorConfiguration {}
