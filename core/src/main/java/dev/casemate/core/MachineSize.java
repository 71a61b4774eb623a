package dev.casemate.core;

import org.jspecify.annotations.Nullable;

/**
 * vCPUs and memory of a machine. One rule: a container's limits are its machine's size; without
 * limits the machine gets the defaults, which cost only what is touched.
 *
 * @param vcpus at least 1
 * @param memoryBytes whole MiB
 */
public record MachineSize(int vcpus, long memoryBytes) {
  private static final long MEBIBYTE = 1L << 20;

  /** Kernel, agent and page cache need this much before a container has anything: 256 MiB. */
  public static final long LEAST_MEMORY_BYTES = 256 * MEBIBYTE;

  /**
   * The size for what runs in it.
   *
   * @param defaults what to use where no limit is set
   * @param hostProcessors no machine gets more vCPUs than this
   */
  public static MachineSize of(MachineLimits limits, MachineSize defaults, int hostProcessors) {
    return new MachineSize(
        Math.clamp(vcpus(limits, defaults.vcpus), 1, Math.max(1, hostProcessors)),
        memory(limits.memoryBytes(), defaults.memoryBytes));
  }

  private static long memory(@Nullable Long limit, long otherwise) {
    if (limit == null || limit <= 0) {
      return otherwise;
    }
    long wholeMebibytes = Math.ceilDiv(limit, MEBIBYTE) * MEBIBYTE;
    return Math.max(LEAST_MEMORY_BYTES, wholeMebibytes);
  }

  private static int vcpus(MachineLimits limits, int otherwise) {
    Long quota = limits.cpuQuota();
    Long period = limits.cpuPeriod();
    if (quota == null || period == null || quota <= 0 || period <= 0) {
      return otherwise;
    }
    return (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(quota, period));
  }
}
