package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Everything that a VMM needs to know of one machine.
 *
 * @param name the sandbox's name, for people (process title, log lines)
 * @param runDirectory an existing directory of this sandbox alone, with a path short enough for
 *     sockets in it; the driver makes its sockets, logs and crash bundle there
 * @param vcpus 1 to 255
 * @param memoryBytes guest memory, a multiple of 1 MiB, at least 64 MiB
 * @param guest what to boot
 * @param devices in the order in which the guest sees them
 * @param credentials the unprivileged identity that the VMM runs under
 */
public record MachineSpec(
    String name,
    Path runDirectory,
    int vcpus,
    long memoryBytes,
    GuestSoftware guest,
    List<MachineDevice> devices,
    VmmCredentials credentials) {
  private static final int MOST_VCPUS = 255;
  private static final long MEBIBYTE = 1L << 20;
  private static final long LEAST_MEMORY = 64 * MEBIBYTE;

  /** Checks the ranges and copies the list. */
  public MachineSpec {
    Objects.requireNonNull(name, "name is null");
    devices = List.copyOf(devices);
    if (vcpus < 1 || vcpus > MOST_VCPUS) {
      throw invalid("vcpus is " + vcpus + ", the range is 1 to " + MOST_VCPUS);
    }
    if (memoryBytes < LEAST_MEMORY || memoryBytes % MEBIBYTE != 0) {
      throw invalid(
          "memory is " + memoryBytes + " bytes, it must be whole MiB and at least 64 MiB");
    }
  }

  private static CasemateException invalid(String why) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "define the virtual machine",
        why,
        "change the container's limits");
  }

  /** Whether a device needs guest memory that another process can map. */
  public boolean needsSharedMemory() {
    return devices.stream().anyMatch(d -> d instanceof MachineDevice.VirtioFs);
  }

  /** How many queues all network cards have together. */
  public int networkQueues() {
    return devices.stream()
        .mapToInt(d -> d instanceof MachineDevice.NetworkCard card ? card.queues().size() : 0)
        .sum();
  }
}
