package dev.casemate.core;

import dev.casemate.model.oci.CpuLimits;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.Spec;
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
   * The size for a container.
   *
   * @param defaults what to use where the container sets no limit
   * @param hostProcessors no machine gets more vCPUs than this
   */
  public static MachineSize of(Spec spec, MachineSize defaults, int hostProcessors) {
    Resources resources = spec.linux().resources();
    return new MachineSize(
        Math.clamp(vcpus(resources, defaults.vcpus), 1, Math.max(1, hostProcessors)),
        memory(resources, defaults.memoryBytes));
  }

  private static long memory(@Nullable Resources resources, long otherwise) {
    Long limit =
        resources == null || resources.memory() == null ? null : resources.memory().limit();
    if (limit == null || limit <= 0) {
      return otherwise;
    }
    long wholeMebibytes = Math.ceilDiv(limit, MEBIBYTE) * MEBIBYTE;
    return Math.max(LEAST_MEMORY_BYTES, wholeMebibytes);
  }

  private static int vcpus(@Nullable Resources resources, int otherwise) {
    CpuLimits cpu = resources == null ? null : resources.cpu();
    if (cpu == null || cpu.quota() == null || cpu.period() == null) {
      return otherwise;
    }
    if (cpu.quota() <= 0 || cpu.period() <= 0) {
      return otherwise;
    }
    return (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(cpu.quota(), cpu.period()));
  }
}
