package dev.casemate.shim;

import com.google.protobuf.Any;
import dev.casemate.core.ContainerStats;
import dev.casemate.linux.FileSystemStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.shim.cgroup1.BlkIOEntry;
import dev.casemate.shim.cgroup1.BlkIOStat;
import dev.casemate.shim.cgroup1.CPUUsage;
import dev.casemate.shim.cgroup1.MemoryEntry;
import dev.casemate.shim.cgroup1.Throttle;
import dev.casemate.shim.cgroup2.IOEntry;
import dev.casemate.shim.cgroup2.IOStat;
import java.util.Map;

/**
 * A container's statistics, which come from control groups of version 2 in the guest, as
 * containerd's clients expect them on this host: they read the version from the host.
 */
final class ContainerMetrics {
  private static final String VERSION_1 = "io.containerd.cgroups.v1.Metrics";
  private static final String VERSION_2 = "io.containerd.cgroups.v2.Metrics";

  /** {@code memory.limit_in_bytes} without a limit: the largest number of whole pages. */
  private static final long NO_LIMIT_1 = 0x7fff_ffff_ffff_f000L;

  /** What stands for {@code max} in version 2. */
  private static final long NO_LIMIT_2 = -1;

  private static final int NANOS_PER_MICRO = 1000;

  private final boolean unified;

  ContainerMetrics(boolean unified) {
    this.unified = unified;
  }

  /** For the version that this host has. */
  static ContainerMetrics ofHost() {
    try {
      return new ContainerMetrics(
          Filesystem.fileSystem("/sys/fs/cgroup").type() == FileSystemStatus.CGROUP2);
    } catch (LinuxException none) {
      return new ContainerMetrics(true);
    }
  }

  Any of(ContainerStats stats) {
    return unified
        ? Messages.any(VERSION_2, version2(stats))
        : Messages.any(VERSION_1, version1(stats));
  }

  private static dev.casemate.shim.cgroup1.Metrics version1(ContainerStats stats) {
    ContainerStats.Cpu cpu = stats.cpu();
    return dev.casemate.shim.cgroup1.Metrics.newBuilder()
        .setPids(
            dev.casemate.shim.cgroup1.PidsStat.newBuilder()
                .setCurrent(stats.pids().current())
                .setLimit(stats.pids().limit()))
        .setCpu(
            dev.casemate.shim.cgroup1.CPUStat.newBuilder()
                .setUsage(
                    CPUUsage.newBuilder()
                        .setTotal(cpu.totalNanos())
                        .setKernel(cpu.kernelNanos())
                        .setUser(cpu.userNanos()))
                .setThrottling(
                    Throttle.newBuilder()
                        .setPeriods(cpu.periods())
                        .setThrottledPeriods(cpu.throttledPeriods())
                        .setThrottledTime(cpu.throttledNanos())))
        .setMemory(memory1(stats.memory()))
        .setBlkio(blockDevices1(stats))
        .build();
  }

  private static dev.casemate.shim.cgroup1.MemoryStat memory1(ContainerStats.Memory memory) {
    Counters details = new Counters(memory.details());
    long limit = memory.limit() == Long.MAX_VALUE ? NO_LIMIT_1 : memory.limit();
    long swapLimit =
        memory.swapLimit() == Long.MAX_VALUE || limit == NO_LIMIT_1
            ? NO_LIMIT_1
            : limit + memory.swapLimit();
    return dev.casemate.shim.cgroup1.MemoryStat.newBuilder()
        .setCache(details.of("file"))
        .setTotalCache(details.of("file"))
        .setRss(details.of("anon"))
        .setTotalRss(details.of("anon"))
        .setRssHuge(details.of("anon_thp"))
        .setTotalRssHuge(details.of("anon_thp"))
        .setMappedFile(details.of("file_mapped"))
        .setTotalMappedFile(details.of("file_mapped"))
        .setDirty(details.of("file_dirty"))
        .setTotalDirty(details.of("file_dirty"))
        .setWriteback(details.of("file_writeback"))
        .setTotalWriteback(details.of("file_writeback"))
        .setPgFault(details.of("pgfault"))
        .setTotalPgFault(details.of("pgfault"))
        .setPgMajFault(details.of("pgmajfault"))
        .setTotalPgMajFault(details.of("pgmajfault"))
        .setInactiveAnon(details.of("inactive_anon"))
        .setTotalInactiveAnon(details.of("inactive_anon"))
        .setActiveAnon(details.of("active_anon"))
        .setTotalActiveAnon(details.of("active_anon"))
        .setInactiveFile(details.of("inactive_file"))
        .setTotalInactiveFile(details.of("inactive_file"))
        .setActiveFile(details.of("active_file"))
        .setTotalActiveFile(details.of("active_file"))
        .setUnevictable(details.of("unevictable"))
        .setTotalUnevictable(details.of("unevictable"))
        .setHierarchicalMemoryLimit(limit)
        .setHierarchicalSwapLimit(swapLimit)
        .setUsage(
            MemoryEntry.newBuilder()
                .setLimit(limit)
                .setUsage(memory.usage())
                .setMax(memory.peak())
                .setFailcnt(memory.failures()))
        // In version 1 this counts memory and swap together.
        .setSwap(
            MemoryEntry.newBuilder()
                .setLimit(swapLimit)
                .setUsage(memory.usage() + memory.swapUsage())
                .setMax(memory.peak())
                .setFailcnt(0))
        .build();
  }

  private static BlkIOStat blockDevices1(ContainerStats stats) {
    BlkIOStat.Builder blkio = BlkIOStat.newBuilder();
    for (ContainerStats.BlockDevice device : stats.blockDevices()) {
      blkio.addIoServiceBytesRecursive(entry(device, "Read", device.readBytes()));
      blkio.addIoServiceBytesRecursive(entry(device, "Write", device.writtenBytes()));
      blkio.addIoServicedRecursive(entry(device, "Read", device.reads()));
      blkio.addIoServicedRecursive(entry(device, "Write", device.writes()));
    }
    return blkio.build();
  }

  private static BlkIOEntry entry(ContainerStats.BlockDevice device, String operation, long value) {
    return BlkIOEntry.newBuilder()
        .setMajor(device.major())
        .setMinor(device.minor())
        .setOp(operation)
        .setValue(value)
        .build();
  }

  private static dev.casemate.shim.cgroup2.Metrics version2(ContainerStats stats) {
    ContainerStats.Cpu cpu = stats.cpu();
    IOStat.Builder io = IOStat.newBuilder();
    for (ContainerStats.BlockDevice device : stats.blockDevices()) {
      io.addUsage(
          IOEntry.newBuilder()
              .setMajor(device.major())
              .setMinor(device.minor())
              .setRbytes(device.readBytes())
              .setWbytes(device.writtenBytes())
              .setRios(device.reads())
              .setWios(device.writes()));
    }
    return dev.casemate.shim.cgroup2.Metrics.newBuilder()
        .setPids(
            dev.casemate.shim.cgroup2.PidsStat.newBuilder()
                .setCurrent(stats.pids().current())
                .setLimit(stats.pids().limit()))
        .setCpu(
            dev.casemate.shim.cgroup2.CPUStat.newBuilder()
                .setUsageUsec(cpu.totalNanos() / NANOS_PER_MICRO)
                .setUserUsec(cpu.userNanos() / NANOS_PER_MICRO)
                .setSystemUsec(cpu.kernelNanos() / NANOS_PER_MICRO)
                .setNrPeriods(cpu.periods())
                .setNrThrottled(cpu.throttledPeriods())
                .setThrottledUsec(cpu.throttledNanos() / NANOS_PER_MICRO))
        .setMemory(memory2(stats.memory()))
        .setIo(io)
        .build();
  }

  private static dev.casemate.shim.cgroup2.MemoryStat memory2(ContainerStats.Memory memory) {
    Counters details = new Counters(memory.details());
    return dev.casemate.shim.cgroup2.MemoryStat.newBuilder()
        .setAnon(details.of("anon"))
        .setFile(details.of("file"))
        .setKernelStack(details.of("kernel_stack"))
        .setSlab(details.of("slab"))
        .setSock(details.of("sock"))
        .setShmem(details.of("shmem"))
        .setFileMapped(details.of("file_mapped"))
        .setFileDirty(details.of("file_dirty"))
        .setFileWriteback(details.of("file_writeback"))
        .setAnonThp(details.of("anon_thp"))
        .setInactiveAnon(details.of("inactive_anon"))
        .setActiveAnon(details.of("active_anon"))
        .setInactiveFile(details.of("inactive_file"))
        .setActiveFile(details.of("active_file"))
        .setUnevictable(details.of("unevictable"))
        .setSlabReclaimable(details.of("slab_reclaimable"))
        .setSlabUnreclaimable(details.of("slab_unreclaimable"))
        .setPgfault(details.of("pgfault"))
        .setPgmajfault(details.of("pgmajfault"))
        .setWorkingsetRefault(details.of("workingset_refault_file"))
        .setWorkingsetActivate(details.of("workingset_activate_file"))
        .setWorkingsetNodereclaim(details.of("workingset_nodereclaim"))
        .setPgrefill(details.of("pgrefill"))
        .setPgscan(details.of("pgscan"))
        .setPgsteal(details.of("pgsteal"))
        .setPgactivate(details.of("pgactivate"))
        .setPgdeactivate(details.of("pgdeactivate"))
        .setPglazyfree(details.of("pglazyfree"))
        .setPglazyfreed(details.of("pglazyfreed"))
        .setThpFaultAlloc(details.of("thp_fault_alloc"))
        .setThpCollapseAlloc(details.of("thp_collapse_alloc"))
        .setUsage(memory.usage())
        .setUsageLimit(limit2(memory.limit()))
        .setSwapUsage(memory.swapUsage())
        .setSwapLimit(limit2(memory.swapLimit()))
        .build();
  }

  private static long limit2(long limit) {
    return limit == Long.MAX_VALUE ? NO_LIMIT_2 : limit;
  }

  /** The kernel's counters; one that a kernel does not have is zero. */
  private record Counters(Map<String, Long> values) {
    long of(String name) {
      return values.getOrDefault(name, 0L);
    }
  }
}
