package dev.casemate.agent;

import dev.casemate.model.json.JsonObject;
import dev.casemate.protocol.agent.LinuxBlockIO;
import dev.casemate.protocol.agent.LinuxCPU;
import dev.casemate.protocol.agent.LinuxDeviceCgroup;
import dev.casemate.protocol.agent.LinuxHugepageLimit;
import dev.casemate.protocol.agent.LinuxInterfacePriority;
import dev.casemate.protocol.agent.LinuxMemory;
import dev.casemate.protocol.agent.LinuxNetwork;
import dev.casemate.protocol.agent.LinuxResources;
import dev.casemate.protocol.agent.LinuxThrottleDevice;
import dev.casemate.protocol.agent.LinuxWeightDevice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The wire's {@code LinuxResources} as the {@code resources} of the OCI runtime specification,
 * section "Control groups". The wire has no absent numbers: 0 stands for absent, as in the
 * reference. What cgroup v2 has no counterpart for (kernel memory, switching the OOM killer off) is
 * left out, since crun refuses a container that names it.
 */
final class ResourcesJson {
  private static final String READ_WRITE_MKNOD = "rwm";

  private ResourcesJson() {}

  /** The object; empty when nothing is limited. */
  static JsonObject of(LinuxResources resources) {
    JsonObject.Builder out = JsonObject.builder();
    out.putArray("devices", devices(resources.getDevicesList()));
    if (resources.hasMemory()) {
      out.put("memory", filled(memory(resources.getMemory())));
    }
    if (resources.hasCPU()) {
      out.put("cpu", filled(cpu(resources.getCPU())));
    }
    if (resources.hasPids() && resources.getPids().getLimit() != 0) {
      out.put("pids", JsonObject.builder().put("limit", resources.getPids().getLimit()).build());
    }
    if (resources.hasBlockIO()) {
      out.put("blockIO", filled(blockIo(resources.getBlockIO())));
    }
    out.putArray("hugepageLimits", hugepages(resources.getHugepageLimitsList()));
    if (resources.hasNetwork()) {
      out.put("network", filled(network(resources.getNetwork())));
    }
    return out.build();
  }

  private static @Nullable JsonObject filled(JsonObject.Builder object) {
    return object.isEmpty() ? null : object.build();
  }

  private static List<JsonObject> devices(List<LinuxDeviceCgroup> rules) {
    List<JsonObject> out = new ArrayList<>(rules.size());
    for (LinuxDeviceCgroup rule : rules) {
      JsonObject.Builder device = JsonObject.builder().put("allow", rule.getAllow());
      boolean typed = !rule.getType().isEmpty() && !rule.getType().equals("a");
      if (typed) {
        device.put("type", rule.getType());
        // No device has major number 0, so 0:0 can only stand for "each", as a peer writes it whose
        // wire format cannot say absent.
        boolean each = rule.getMajor() == 0 && rule.getMinor() == 0;
        if (!each && rule.getMajor() >= 0) {
          device.put("major", rule.getMajor());
        }
        if (!each && rule.getMinor() >= 0) {
          device.put("minor", rule.getMinor());
        }
      }
      device.put("access", rule.getAccess().isEmpty() ? READ_WRITE_MKNOD : rule.getAccess());
      out.add(device.build());
    }
    return out;
  }

  private static JsonObject.Builder memory(LinuxMemory memory) {
    JsonObject.Builder out = JsonObject.builder();
    putSet(out, "limit", memory.getLimit());
    putSet(out, "reservation", memory.getReservation());
    // crun takes a swap limit only together with a memory limit.
    if (memory.getLimit() != 0) {
      putSet(out, "swap", memory.getSwap());
    }
    return out;
  }

  private static JsonObject.Builder cpu(LinuxCPU cpu) {
    JsonObject.Builder out = JsonObject.builder();
    putSet(out, "shares", cpu.getShares());
    putSet(out, "quota", cpu.getQuota());
    putSet(out, "period", cpu.getPeriod());
    putSet(out, "realtimeRuntime", cpu.getRealtimeRuntime());
    putSet(out, "realtimePeriod", cpu.getRealtimePeriod());
    putText(out, "cpus", cpu.getCpus());
    putText(out, "mems", cpu.getMems());
    return out;
  }

  private static JsonObject.Builder blockIo(LinuxBlockIO block) {
    JsonObject.Builder out = JsonObject.builder();
    putSet(out, "weight", Integer.toUnsignedLong(block.getWeight()));
    putSet(out, "leafWeight", block.getLeafWeight());
    List<JsonObject> weights = new ArrayList<>();
    for (LinuxWeightDevice device : block.getWeightDeviceList()) {
      JsonObject.Builder weight =
          JsonObject.builder().put("major", device.getMajor()).put("minor", device.getMinor());
      putSet(weight, "weight", device.getWeight());
      putSet(weight, "leafWeight", device.getLeafWeight());
      weights.add(weight.build());
    }
    out.putArray("weightDevice", weights);
    out.putArray("throttleReadBpsDevice", throttles(block.getThrottleReadBpsDeviceList()));
    out.putArray("throttleWriteBpsDevice", throttles(block.getThrottleWriteBpsDeviceList()));
    out.putArray("throttleReadIOPSDevice", throttles(block.getThrottleReadIOPSDeviceList()));
    out.putArray("throttleWriteIOPSDevice", throttles(block.getThrottleWriteIOPSDeviceList()));
    return out;
  }

  private static List<JsonObject> throttles(List<LinuxThrottleDevice> devices) {
    List<JsonObject> out = new ArrayList<>(devices.size());
    for (LinuxThrottleDevice device : devices) {
      out.add(
          JsonObject.builder()
              .put("major", device.getMajor())
              .put("minor", device.getMinor())
              .putUnsigned("rate", device.getRate())
              .build());
    }
    return out;
  }

  private static List<JsonObject> hugepages(List<LinuxHugepageLimit> limits) {
    List<JsonObject> out = new ArrayList<>(limits.size());
    for (LinuxHugepageLimit limit : limits) {
      out.add(
          JsonObject.builder()
              .put("pageSize", limit.getPagesize())
              .putUnsigned("limit", limit.getLimit())
              .build());
    }
    return out;
  }

  private static JsonObject.Builder network(LinuxNetwork network) {
    JsonObject.Builder out = JsonObject.builder();
    putSet(out, "classID", Integer.toUnsignedLong(network.getClassID()));
    List<JsonObject> priorities = new ArrayList<>();
    for (LinuxInterfacePriority priority : network.getPrioritiesList()) {
      priorities.add(
          JsonObject.builder()
              .put("name", priority.getName())
              .put("priority", Integer.toUnsignedLong(priority.getPriority()))
              .build());
    }
    return out.putArray("priorities", priorities);
  }

  private static void putSet(JsonObject.Builder out, String name, long value) {
    if (value != 0) {
      out.put(name, value);
    }
  }

  private static void putText(JsonObject.Builder out, String name, String value) {
    if (!value.isEmpty()) {
      out.put(name, value);
    }
  }
}
