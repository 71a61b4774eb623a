package dev.casemate.core;

import java.util.List;
import java.util.Map;

/** What a container uses, read from its control group in the guest. Bytes and nanoseconds. */
public record ContainerStats(Cpu cpu, Memory memory, Pids pids, List<BlockDevice> blockDevices) {
  /** Copies the list. */
  public ContainerStats {
    blockDevices = List.copyOf(blockDevices);
  }

  /** Processor time and throttling. */
  public record Cpu(
      long totalNanos,
      long userNanos,
      long kernelNanos,
      long periods,
      long throttledPeriods,
      long throttledNanos) {}

  /**
   * Memory.
   *
   * @param limit the limit in force, {@link Long#MAX_VALUE} for none
   * @param details the kernel's own counters by name ({@code memory.stat})
   */
  public record Memory(
      long usage,
      long peak,
      long limit,
      long failures,
      long swapUsage,
      long swapLimit,
      Map<String, Long> details) {
    /** Copies the map. */
    public Memory {
      details = Map.copyOf(details);
    }
  }

  /**
   * Processes and threads.
   *
   * @param limit zero for none
   */
  public record Pids(long current, long limit) {}

  /** Bytes and operations on one block device. */
  public record BlockDevice(
      long major, long minor, long readBytes, long writtenBytes, long reads, long writes) {}
}
