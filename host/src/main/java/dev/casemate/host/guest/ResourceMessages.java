package dev.casemate.host.guest;

import dev.casemate.model.oci.BlockIo;
import dev.casemate.model.oci.CpuLimits;
import dev.casemate.model.oci.DeviceRule;
import dev.casemate.model.oci.MemoryLimits;
import dev.casemate.model.oci.Resources;
import dev.casemate.model.oci.ThrottleDevice;
import dev.casemate.model.oci.WeightDevice;
import dev.casemate.protocol.agent.LinuxBlockIO;
import dev.casemate.protocol.agent.LinuxCPU;
import dev.casemate.protocol.agent.LinuxDeviceCgroup;
import dev.casemate.protocol.agent.LinuxHugepageLimit;
import dev.casemate.protocol.agent.LinuxMemory;
import dev.casemate.protocol.agent.LinuxPids;
import dev.casemate.protocol.agent.LinuxResources;
import dev.casemate.protocol.agent.LinuxThrottleDevice;
import dev.casemate.protocol.agent.LinuxWeightDevice;
import org.jspecify.annotations.Nullable;

/** A container's limits as the agent's messages. */
final class ResourceMessages {
  /** A device rule's number for each device, as runc reads it. */
  private static final long EACH = -1;

  private ResourceMessages() {}

  static LinuxResources resources(Resources resources) {
    LinuxResources.Builder message = LinuxResources.newBuilder();
    resources.devices().forEach(rule -> message.addDevices(rule(rule)));
    if (resources.memory() != null) {
      message.setMemory(memory(resources.memory()));
    }
    if (resources.cpu() != null) {
      message.setCPU(cpu(resources.cpu()));
    }
    if (resources.pids() != null) {
      message.setPids(LinuxPids.newBuilder().setLimit(resources.pids().limit()));
    }
    if (resources.blockIo() != null) {
      message.setBlockIO(blockIo(resources.blockIo()));
    }
    resources
        .hugepageLimits()
        .forEach(limit ->
            message.addHugepageLimits(
                LinuxHugepageLimit.newBuilder()
                    .setPagesize(limit.pageSize())
                    .setLimit(limit.limit())));
    return message.build();
  }

  private static LinuxDeviceCgroup rule(DeviceRule rule) {
    return LinuxDeviceCgroup.newBuilder()
        .setAllow(rule.allow())
        .setType(rule.type() == null ? "a" : rule.type())
        .setMajor(rule.major() == null ? EACH : rule.major())
        .setMinor(rule.minor() == null ? EACH : rule.minor())
        .setAccess(rule.access() == null ? "rwm" : rule.access())
        .build();
  }

  private static LinuxMemory memory(MemoryLimits memory) {
    return LinuxMemory.newBuilder()
        .setLimit(orZero(memory.limit()))
        .setReservation(orZero(memory.reservation()))
        .setSwap(orZero(memory.swap()))
        .setKernel(orZero(memory.kernel()))
        .setKernelTCP(orZero(memory.kernelTcp()))
        .setSwappiness(orZero(memory.swappiness()))
        .setDisableOOMKiller(Boolean.TRUE.equals(memory.disableOomKiller()))
        .build();
  }

  private static LinuxCPU cpu(CpuLimits cpu) {
    return LinuxCPU.newBuilder()
        .setShares(orZero(cpu.shares()))
        .setQuota(orZero(cpu.quota()))
        .setPeriod(orZero(cpu.period()))
        .setRealtimeRuntime(orZero(cpu.realtimeRuntime()))
        .setRealtimePeriod(orZero(cpu.realtimePeriod()))
        .setCpus(cpu.cpus() == null ? "" : cpu.cpus())
        .setMems(cpu.mems() == null ? "" : cpu.mems())
        .build();
  }

  private static LinuxBlockIO blockIo(BlockIo blockIo) {
    LinuxBlockIO.Builder message =
        LinuxBlockIO.newBuilder()
            .setWeight(blockIo.weight() == null ? 0 : blockIo.weight())
            .setLeafWeight(blockIo.leafWeight() == null ? 0 : blockIo.leafWeight());
    for (WeightDevice device : blockIo.weightDevice()) {
      message.addWeightDevice(
          LinuxWeightDevice.newBuilder()
              .setMajor(device.major())
              .setMinor(device.minor())
              .setWeight(device.weight() == null ? 0 : device.weight())
              .setLeafWeight(device.leafWeight() == null ? 0 : device.leafWeight()));
    }
    blockIo.throttleReadBpsDevice().forEach(d -> message.addThrottleReadBpsDevice(throttle(d)));
    blockIo.throttleWriteBpsDevice().forEach(d -> message.addThrottleWriteBpsDevice(throttle(d)));
    blockIo.throttleReadIopsDevice().forEach(d -> message.addThrottleReadIOPSDevice(throttle(d)));
    blockIo.throttleWriteIopsDevice().forEach(d -> message.addThrottleWriteIOPSDevice(throttle(d)));
    return message.build();
  }

  private static LinuxThrottleDevice throttle(ThrottleDevice device) {
    return LinuxThrottleDevice.newBuilder()
        .setMajor(device.major())
        .setMinor(device.minor())
        .setRate(device.rate())
        .build();
  }

  static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }
}
