package dev.casemate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.protocol.agent.CgroupStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupStatisticsTest {
  @TempDir private Path cgroup;

  private void file(String name, String text) throws IOException {
    Files.writeString(cgroup.resolve(name), text);
  }

  @Test
  void filesBecomeTheWiresCounters() throws IOException {
    file("cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_throttled 2\n");
    file("memory.current", "4096\n");
    file("memory.max", "max\n");
    file("memory.stat", "anon 1\nfile 2048\n");
    file("memory.events", "low 0\nmax 3\noom_kill 1\n");
    file("pids.current", "7\n");
    file("pids.max", "max\n");
    file("io.stat", "8:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n");
    CgroupStats stats = CgroupStatistics.read(new CgroupFiles(cgroup));
    assertThat(stats.getCpuStats().getCpuUsage().getTotalUsage()).isEqualTo(1_500_000);
    assertThat(stats.getCpuStats().getThrottlingData().getThrottledPeriods()).isEqualTo(2);
    assertThat(stats.getMemoryStats().getUsage().getUsage()).isEqualTo(4096);
    assertThat(stats.getMemoryStats().getUsage().getLimit()).isEqualTo(-1L);
    assertThat(stats.getMemoryStats().getUsage().getFailcnt()).isEqualTo(3);
    assertThat(stats.getMemoryStats().getCache()).isEqualTo(2048);
    assertThat(stats.getMemoryStats().getStatsMap()).containsEntry("anon", 1L);
    assertThat(stats.getPidsStats().getCurrent()).isEqualTo(7);
    assertThat(stats.getPidsStats().getLimit()).isZero();
    assertThat(stats.getBlkioStats().getIoServiceBytesRecursive(1).getValue()).isEqualTo(2);
    assertThat(stats.getBlkioStats().getIoServiceBytesRecursive(1).getOp()).isEqualTo("Write");
    assertThat(stats.getBlkioStats().getIoServicedRecursive(0).getMinor()).isEqualTo(16);
  }

  @Test
  void withoutFilesAllIsZero() {
    assertThat(CgroupStatistics.read(new CgroupFiles(cgroup)).getCpuStats().getCpuUsage())
        .isEqualTo(dev.casemate.protocol.agent.CpuUsage.newBuilder().build());
  }
}
