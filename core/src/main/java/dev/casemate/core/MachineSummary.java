package dev.casemate.core;

/**
 * What a person wants to know of a machine at a glance.
 *
 * @param vmm name and version: {@code "qemu 7.2.22"}
 * @param machine machine type: {@code "microvm"}
 * @param accelerator how guest code runs
 * @param channel how the agent is reached: {@code "virtio-serial"}
 */
public record MachineSummary(
    String vmm,
    String machine,
    Accelerator accelerator,
    String channel,
    String kernelRelease,
    int vcpus,
    long memoryBytes) {
  /** How guest code runs. */
  public enum Accelerator {
    /** Hardware virtualization. */
    KVM,
    /** Emulation: correct and slow. */
    TCG
  }
}
