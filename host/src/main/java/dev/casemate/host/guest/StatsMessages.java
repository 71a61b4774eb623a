package dev.casemate.host.guest;

import dev.casemate.core.ContainerStats;
import dev.casemate.protocol.agent.BlkioStats;
import dev.casemate.protocol.agent.BlkioStatsEntry;
import dev.casemate.protocol.agent.CgroupStats;
import dev.casemate.protocol.agent.MemoryData;
import dev.casemate.protocol.agent.MemoryStats;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The agent's statistics as domain values. */
final class StatsMessages {
  /** A guest has a handful of devices; one that names more than this is not believed. */
  private static final int MOST_DEVICES = 256;

  private StatsMessages() {}

  static ContainerStats stats(CgroupStats message) {
    var cpu = message.getCpuStats();
    var usage = cpu.getCpuUsage();
    var throttling = cpu.getThrottlingData();
    return new ContainerStats(
        new ContainerStats.Cpu(
            usage.getTotalUsage(),
            usage.getUsageInUsermode(),
            usage.getUsageInKernelmode(),
            throttling.getPeriods(),
            throttling.getThrottledPeriods(),
            throttling.getThrottledTime()),
        memory(message.getMemoryStats()),
        new ContainerStats.Pids(
            message.getPidsStats().getCurrent(), message.getPidsStats().getLimit()),
        blockDevices(message.getBlkioStats()));
  }

  private static ContainerStats.Memory memory(MemoryStats message) {
    MemoryData usage = message.getUsage();
    MemoryData swap = message.getSwapUsage();
    return new ContainerStats.Memory(
        usage.getUsage(),
        usage.getMaxUsage(),
        usage.getLimit(),
        usage.getFailcnt(),
        swap.getUsage(),
        swap.getLimit(),
        message.getStatsMap());
  }

  private static List<ContainerStats.BlockDevice> blockDevices(BlkioStats message) {
    record Key(long major, long minor) {}
    Map<Key, long[]> counters = new LinkedHashMap<>();
    List<BlkioStatsEntry> entries = new ArrayList<>(message.getIoServiceBytesRecursiveList());
    int bytesEntries = entries.size();
    entries.addAll(message.getIoServicedRecursiveList());
    for (int i = 0; i < entries.size() && counters.size() < MOST_DEVICES; i++) {
      BlkioStatsEntry entry = entries.get(i);
      long[] counter =
          counters.computeIfAbsent(new Key(entry.getMajor(), entry.getMinor()), _ -> new long[4]);
      int write = entry.getOp().equalsIgnoreCase("write") ? 1 : 0;
      if (write == 1 || entry.getOp().equalsIgnoreCase("read")) {
        counter[(i < bytesEntries ? 0 : 2) + write] += entry.getValue();
      }
    }
    List<ContainerStats.BlockDevice> devices = new ArrayList<>();
    counters.forEach((key, counter) ->
        devices.add(
            new ContainerStats.BlockDevice(
                key.major, key.minor, counter[0], counter[1], counter[2], counter[3])));
    return devices;
  }
}
