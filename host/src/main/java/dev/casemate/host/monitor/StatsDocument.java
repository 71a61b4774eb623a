package dev.casemate.host.monitor;

import dev.casemate.core.ContainerStats;
import dev.casemate.model.json.JsonNumber;
import dev.casemate.model.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Statistics in the shape that {@code events} prints, which is runc's: callers parse it. */
final class StatsDocument {
  private StatsDocument() {}

  static JsonObject of(ContainerStats stats) {
    return JsonObject.builder()
        .put("cpu", cpu(stats.cpu()))
        .put("memory", memory(stats.memory()))
        .put("pids", pids(stats.pids()))
        .put("blkio", blockDevices(stats.blockDevices()))
        .build();
  }

  private static JsonObject cpu(ContainerStats.Cpu cpu) {
    return JsonObject.builder()
        .put(
            "usage",
            JsonObject.builder()
                .putUnsigned("total", cpu.totalNanos())
                .putUnsigned("kernel", cpu.kernelNanos())
                .putUnsigned("user", cpu.userNanos())
                .build())
        .put(
            "throttling",
            JsonObject.builder()
                .putUnsigned("periods", cpu.periods())
                .putUnsigned("throttledPeriods", cpu.throttledPeriods())
                .putUnsigned("throttledTime", cpu.throttledNanos())
                .build())
        .build();
  }

  private static JsonObject memory(ContainerStats.Memory memory) {
    JsonObject.Builder raw = JsonObject.builder();
    for (Map.Entry<String, Long> counter : new TreeMap<>(memory.details()).entrySet()) {
      raw.put(counter.getKey(), JsonNumber.ofUnsigned(counter.getValue()));
    }
    return JsonObject.builder()
        .putUnsigned("cache", memory.details().getOrDefault("file", 0L))
        .put(
            "usage",
            JsonObject.builder()
                .putUnsigned("limit", memory.limit())
                .putUnsigned("usage", memory.usage())
                .putUnsigned("max", memory.peak())
                .putUnsigned("failcnt", memory.failures())
                .build())
        .put(
            "swap",
            JsonObject.builder()
                .putUnsigned("limit", memory.swapLimit())
                .putUnsigned("usage", memory.swapUsage())
                .putUnsigned("failcnt", 0L)
                .build())
        .put("raw", raw.build())
        .build();
  }

  private static JsonObject pids(ContainerStats.Pids pids) {
    return JsonObject.builder()
        .putUnsigned("current", pids.current())
        .putUnsigned("limit", pids.limit())
        .build();
  }

  private static JsonObject blockDevices(List<ContainerStats.BlockDevice> devices) {
    List<JsonObject> bytes = new ArrayList<>();
    List<JsonObject> operations = new ArrayList<>();
    for (ContainerStats.BlockDevice device : devices) {
      bytes.add(entry(device, "Read", device.readBytes()));
      bytes.add(entry(device, "Write", device.writtenBytes()));
      operations.add(entry(device, "Read", device.reads()));
      operations.add(entry(device, "Write", device.writes()));
    }
    return JsonObject.builder()
        .putArray("ioServiceBytesRecursive", bytes)
        .putArray("ioServicedRecursive", operations)
        .build();
  }

  private static JsonObject entry(ContainerStats.BlockDevice device, String operation, long value) {
    return JsonObject.builder()
        .putUnsigned("major", device.major())
        .putUnsigned("minor", device.minor())
        .put("op", operation)
        .putUnsigned("value", value)
        .build();
  }
}
