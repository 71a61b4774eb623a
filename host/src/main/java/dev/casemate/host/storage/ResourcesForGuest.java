package dev.casemate.host.storage;

import dev.casemate.model.oci.BlockIo;
import dev.casemate.model.oci.CpuLimits;
import dev.casemate.model.oci.MemoryLimits;
import dev.casemate.model.oci.NetworkClass;
import dev.casemate.model.oci.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Limits as the guest's control groups, which are of version 2, can keep them. Every limit that is
 * set is kept or noted.
 *
 * @param resources for the guest
 * @param notes what was left out, a sentence each, for the log
 */
public record ResourcesForGuest(Resources resources, List<String> notes) {
  /** Copies the list. */
  public ResourcesForGuest {
    notes = List.copyOf(notes);
  }

  /** The limits of a container that is made. */
  public static ResourcesForGuest of(Resources asked) {
    List<String> notes = new ArrayList<>();
    Resources kept =
        new Resources(
            asked.devices(),
            memory(asked.memory(), notes),
            cpu(asked.cpu(), notes),
            asked.pids(),
            blockIo(asked.blockIo(), notes),
            asked.hugepageLimits(),
            null,
            Map.of(),
            asked.unified());
    noteNetwork(asked, notes);
    return new ResourcesForGuest(kept, notes);
  }

  /**
   * New limits of a container that exists: what the agent's messages cannot carry is noted, too.
   */
  public static ResourcesForGuest ofUpdate(Resources asked) {
    ResourcesForGuest all = of(asked);
    List<String> notes = new ArrayList<>(all.notes);
    if (!asked.unified().isEmpty()) {
      notes.add("unified is not used: files of control groups can be set at the making only");
    }
    CpuLimits cpu = asked.cpu();
    if (cpu != null && (isSet(cpu.burst()) || isSet(cpu.idle()))) {
      notes.add("cpu.burst and cpu.idle are not used: they can be set at the making only");
    }
    return new ResourcesForGuest(all.resources, notes);
  }

  private static @Nullable MemoryLimits memory(@Nullable MemoryLimits memory, List<String> notes) {
    if (memory == null) {
      return null;
    }
    boolean swap = isSet(memory.swap()) && !Objects.equals(memory.swap(), memory.limit());
    if (swap || isSet(memory.swappiness())) {
      notes.add("memory.swap and swappiness are not used: the guest has no swap");
    }
    if (isSet(memory.kernel()) || isSet(memory.kernelTcp())) {
      notes.add("memory.kernel and kernelTCP are not used: memory.limit counts the kernel's too");
    }
    if (Boolean.TRUE.equals(memory.disableOomKiller())) {
      notes.add("memory.disableOOMKiller is not used: the guest's kernel always kills");
    }
    if (Boolean.TRUE.equals(memory.checkBeforeUpdate())) {
      notes.add("memory.checkBeforeUpdate is not used: the guest's kernel takes back what it can");
    }
    return new MemoryLimits(
        memory.limit(), memory.reservation(), null, null, null, null, null, null, null);
  }

  /** The numbers of processors and memory nodes are the host's, the machine counts its own. */
  private static @Nullable CpuLimits cpu(@Nullable CpuLimits cpu, List<String> notes) {
    if (cpu == null) {
      return null;
    }
    if (isSet(cpu.cpus()) || isSet(cpu.mems())) {
      notes.add("cpuset is not used: processors and memory nodes are numbered by the host");
    }
    if (isSet(cpu.realtimeRuntime()) || isSet(cpu.realtimePeriod())) {
      notes.add("cpu.realtimeRuntime and realtimePeriod are not used: the guest has no such limit");
    }
    return new CpuLimits(
        cpu.shares(), cpu.quota(), cpu.burst(), cpu.period(), null, null, null, null, cpu.idle());
  }

  /** Device numbers are the host's; the container's files are on none of them in the guest. */
  private static @Nullable BlockIo blockIo(@Nullable BlockIo blockIo, List<String> notes) {
    if (blockIo == null) {
      return null;
    }
    boolean byDevice =
        !(blockIo.weightDevice().isEmpty()
            && blockIo.throttleReadBpsDevice().isEmpty()
            && blockIo.throttleWriteBpsDevice().isEmpty()
            && blockIo.throttleReadIopsDevice().isEmpty()
            && blockIo.throttleWriteIopsDevice().isEmpty());
    if (byDevice) {
      notes.add("limits on block devices are not used: they name the host's devices");
    }
    if (blockIo.leafWeight() != null && blockIo.leafWeight() != 0) {
      notes.add("blockIO.leafWeight is not used: the guest has no such limit");
    }
    return blockIo.weight() == null || blockIo.weight() == 0
        ? null
        : new BlockIo(
            blockIo.weight(), null, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  private static void noteNetwork(Resources asked, List<String> notes) {
    NetworkClass network = asked.network();
    if (network != null && (isSet(network.classId()) || !network.priorities().isEmpty())) {
      notes.add("network classes and priorities are not used: they are of the host's interfaces");
    }
    if (!asked.rdma().isEmpty()) {
      notes.add("rdma is not used: the host's adapters are not in the machine");
    }
  }

  private static boolean isSet(@Nullable String text) {
    return text != null && !text.isEmpty();
  }

  /** Zero and -1 stand for "none". */
  private static boolean isSet(@Nullable Long limit) {
    return limit != null && limit > 0;
  }
}
