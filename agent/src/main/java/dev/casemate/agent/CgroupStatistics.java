package dev.casemate.agent;

import dev.casemate.protocol.agent.BlkioStats;
import dev.casemate.protocol.agent.BlkioStatsEntry;
import dev.casemate.protocol.agent.CgroupStats;
import dev.casemate.protocol.agent.CpuStats;
import dev.casemate.protocol.agent.CpuUsage;
import dev.casemate.protocol.agent.HugetlbStats;
import dev.casemate.protocol.agent.MemoryData;
import dev.casemate.protocol.agent.MemoryStats;
import dev.casemate.protocol.agent.PidsStats;
import dev.casemate.protocol.agent.ThrottlingData;
import java.util.List;
import java.util.Map;

/** A cgroup's counters in the wire's form, which is that of cgroup v1: nanoseconds, bytes. */
final class CgroupStatistics {
  private static final long NANOS_PER_MICRO = 1000;
  private static final List<String> HUGE_PAGE_SIZES = List.of("64KB", "2MB", "32MB", "1GB");

  private CgroupStatistics() {}

  /** What the cgroup's files say now; 0 where the kernel counts nothing. */
  static CgroupStats read(CgroupFiles cgroup) {
    CgroupStats.Builder out =
        CgroupStats.newBuilder()
            .setCpuStats(cpu(cgroup))
            .setMemoryStats(memory(cgroup))
            .setPidsStats(
                PidsStats.newBuilder()
                    .setCurrent(cgroup.number("pids.current"))
                    .setLimit(pidsLimit(cgroup)))
            .setBlkioStats(blockIo(cgroup.text("io.stat")));
    for (String size : HUGE_PAGE_SIZES) {
      String prefix = "hugetlb." + size;
      if (!cgroup.text(prefix + ".current").isEmpty()) {
        out.putHugetlbStats(
            size,
            HugetlbStats.newBuilder()
                .setUsage(cgroup.number(prefix + ".current"))
                .setFailcnt(cgroup.numbers(prefix + ".events").getOrDefault("max", 0L))
                .build());
      }
    }
    return out.build();
  }

  private static long pidsLimit(CgroupFiles cgroup) {
    // The wire says 0 for "no limit".
    return Math.max(cgroup.number("pids.max"), 0);
  }

  private static CpuStats cpu(CgroupFiles cgroup) {
    Map<String, Long> stat = cgroup.numbers("cpu.stat");
    return CpuStats.newBuilder()
        .setCpuUsage(
            CpuUsage.newBuilder()
                .setTotalUsage(nanos(stat, "usage_usec"))
                .setUsageInUsermode(nanos(stat, "user_usec"))
                .setUsageInKernelmode(nanos(stat, "system_usec")))
        .setThrottlingData(
            ThrottlingData.newBuilder()
                .setPeriods(stat.getOrDefault("nr_periods", 0L))
                .setThrottledPeriods(stat.getOrDefault("nr_throttled", 0L))
                .setThrottledTime(nanos(stat, "throttled_usec")))
        .build();
  }

  private static long nanos(Map<String, Long> stat, String name) {
    return stat.getOrDefault(name, 0L) * NANOS_PER_MICRO;
  }

  private static MemoryStats memory(CgroupFiles cgroup) {
    Map<String, Long> stat = cgroup.numbers("memory.stat");
    Map<String, Long> events = cgroup.numbers("memory.events");
    MemoryStats.Builder out =
        MemoryStats.newBuilder()
            .setCache(stat.getOrDefault("file", 0L))
            .setUseHierarchy(true)
            .setUsage(
                MemoryData.newBuilder()
                    .setUsage(cgroup.number("memory.current"))
                    .setMaxUsage(cgroup.number("memory.peak"))
                    .setFailcnt(events.getOrDefault("max", 0L))
                    .setLimit(cgroup.number("memory.max")))
            .setSwapUsage(
                MemoryData.newBuilder()
                    .setUsage(cgroup.number("memory.swap.current"))
                    .setMaxUsage(cgroup.number("memory.swap.peak"))
                    .setLimit(cgroup.number("memory.swap.max")))
            .setKernelUsage(MemoryData.newBuilder().setUsage(stat.getOrDefault("kernel", 0L)));
    return out.putAllStats(stat).build();
  }

  /** Lines such as {@code 8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0}. */
  static BlkioStats blockIo(String text) {
    BlkioStats.Builder out = BlkioStats.newBuilder();
    for (String line : CgroupFiles.lines(text)) {
      int colon = line.indexOf(':');
      int space = line.indexOf(' ');
      if (colon < 1 || space < colon) {
        continue;
      }
      BlkioStatsEntry.Builder entry = BlkioStatsEntry.newBuilder();
      entry.setMajor(number(line.substring(0, colon)));
      entry.setMinor(number(line.substring(colon + 1, space)));
      out.addIoServiceBytesRecursive(entry.setOp("Read").setValue(field(line, " rbytes=")));
      out.addIoServiceBytesRecursive(entry.setOp("Write").setValue(field(line, " wbytes=")));
      out.addIoServiceBytesRecursive(entry.setOp("Discard").setValue(field(line, " dbytes=")));
      out.addIoServicedRecursive(entry.setOp("Read").setValue(field(line, " rios=")));
      out.addIoServicedRecursive(entry.setOp("Write").setValue(field(line, " wios=")));
      out.addIoServicedRecursive(entry.setOp("Discard").setValue(field(line, " dios=")));
    }
    return out.build();
  }

  private static long field(String line, String name) {
    int at = line.indexOf(name);
    if (at < 0) {
      return 0;
    }
    int start = at + name.length();
    int end = line.indexOf(' ', start);
    return number(line.substring(start, end < 0 ? line.length() : end));
  }

  private static long number(String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
