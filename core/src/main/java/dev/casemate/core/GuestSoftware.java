package dev.casemate.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a machine boots: host files made by the guest builder.
 *
 * @param kernel bzImage or PVH ELF
 * @param initrd present when the kernel cannot mount the root image by itself
 * @param rootImage the read-only root file system, always the first block device
 * @param kernelParameters the guest's own parameters, without those that depend on host or VMM
 * @param kernelRelease {@code uname -r} of the kernel, for people
 */
public record GuestSoftware(
    Path kernel,
    Optional<Path> initrd,
    Path rootImage,
    List<String> kernelParameters,
    String kernelRelease) {
  /** Copies the list. */
  public GuestSoftware {
    kernelParameters = List.copyOf(kernelParameters);
  }
}
