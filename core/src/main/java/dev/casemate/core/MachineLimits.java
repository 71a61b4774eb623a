package dev.casemate.core;

import dev.casemate.model.oci.CpuLimits;
import dev.casemate.model.oci.MemoryLimits;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.Spec;
import org.jspecify.annotations.Nullable;

/**
 * What all containers of a machine may use together; null, zero and less where there is no limit.
 *
 * @param memoryBytes of memory
 * @param cpuQuota microseconds of CPU time in each period
 * @param cpuPeriod microseconds
 */
public record MachineLimits(
    @Nullable Long memoryBytes, @Nullable Long cpuQuota, @Nullable Long cpuPeriod) {
  /** Those of a container that has the machine for itself. */
  public static MachineLimits of(Spec spec) {
    Resources resources = spec.linux().resources();
    MemoryLimits memory = resources == null ? null : resources.memory();
    CpuLimits cpu = resources == null ? null : resources.cpu();
    return new MachineLimits(
        memory == null ? null : memory.limit(),
        cpu == null ? null : cpu.quota(),
        cpu == null ? null : cpu.period());
  }
}
