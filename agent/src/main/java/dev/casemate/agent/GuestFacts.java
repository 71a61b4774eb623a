package dev.casemate.agent;

import dev.casemate.linux.FileSystemStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.protocol.agent.AgentDetails;
import dev.casemate.protocol.agent.GuestDetailsResponse;
import dev.casemate.protocol.agent.NetworkStats;
import dev.casemate.protocol.agent.VolumeCondition;
import dev.casemate.protocol.agent.VolumeStatsResponse;
import dev.casemate.protocol.agent.VolumeUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/** What the guest tells about itself, read from procfs and sysfs. */
final class GuestFacts {
  /** The agent's version; the reference's host wants three numbers. */
  static final String VERSION = "0.1.0";

  private static final Path MEMORY = Path.of("/sys/devices/system/memory");
  private static final Path NETWORK = Path.of("/proc/self/net/dev");
  private static final int MAX_FILE = 1 << 16;
  private static final int NET_FIELDS = 16;

  private GuestFacts() {}

  /** Memory block size, and what this agent can. */
  static GuestDetailsResponse details(boolean init) {
    GuestDetailsResponse.Builder out = GuestDetailsResponse.newBuilder();
    String block = Small.word(MEMORY.resolve("block_size_bytes"));
    if (!block.isEmpty()) {
      out.setMemBlockSizeBytes(Long.parseUnsignedLong(block, 16));
    }
    out.setSupportMemHotplugProbe(Files.exists(MEMORY.resolve("probe")));
    return out.setAgentDetails(
            AgentDetails.newBuilder()
                .setVersion(VERSION)
                .setInitDaemon(init)
                .addDeviceHandlers("blk")
                .addDeviceHandlers("mmioblk")
                .addDeviceHandlers("scsi")
                .addAllStorageHandlers(Storages.DRIVERS)
                .setSupportsSeccomp(seccomp()))
        .build();
  }

  private static boolean seccomp() {
    return Files.exists(Path.of("/proc/sys/kernel/seccomp/actions_avail"));
  }

  /** The counters of the guest's interfaces, which the containers share. */
  static List<NetworkStats> network() {
    String text;
    try {
      text = Small.text(NETWORK, MAX_FILE);
    } catch (IOException e) {
      return List.of();
    }
    List<NetworkStats> out = new ArrayList<>();
    for (String line : CgroupFiles.lines(text)) {
      int colon = line.indexOf(':');
      StringTokenizer words = new StringTokenizer(line.substring(colon + 1));
      // The two lines of heading have no colon, or fewer numbers behind it.
      if (colon > 0 && words.countTokens() >= NET_FIELDS) {
        out.add(interfaceStats(line.substring(0, colon).strip(), words));
      }
    }
    return out;
  }

  private static NetworkStats interfaceStats(String name, StringTokenizer words) {
    long[] fields = new long[NET_FIELDS];
    for (int i = 0; i < NET_FIELDS; i++) {
      fields[i] = Long.parseUnsignedLong(words.nextToken());
    }
    return NetworkStats.newBuilder()
        .setName(name)
        .setRxBytes(fields[0])
        .setRxPackets(fields[1])
        .setRxErrors(fields[2])
        .setRxDropped(fields[3])
        .setTxBytes(fields[8])
        .setTxPackets(fields[9])
        .setTxErrors(fields[10])
        .setTxDropped(fields[11])
        .build();
  }

  /** How full the volume mounted at a path is. */
  static VolumeStatsResponse volume(String path) {
    String tried = "measure the volume";
    GuestTree.names(path, tried);
    FileSystemStatus status;
    try {
      status = Filesystem.fileSystem(path);
    } catch (LinuxException e) {
      throw RequestError.notFound(tried, RequestError.reason(e));
    }
    long size = status.blockBytes();
    return VolumeStatsResponse.newBuilder()
        .addUsage(
            VolumeUsage.newBuilder()
                .setUnit(VolumeUsage.Unit.BYTES)
                .setTotal(status.blocks() * size)
                .setAvailable(status.availableBytes())
                .setUsed((status.blocks() - status.freeBlocks()) * size))
        .addUsage(
            VolumeUsage.newBuilder()
                .setUnit(VolumeUsage.Unit.INODES)
                .setTotal(status.inodes())
                .setAvailable(status.freeInodes())
                .setUsed(status.inodes() - status.freeInodes()))
        .setVolumeCondition(VolumeCondition.newBuilder().setMessage("OK"))
        .build();
  }
}
