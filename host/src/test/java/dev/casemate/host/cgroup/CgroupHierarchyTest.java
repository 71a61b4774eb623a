package dev.casemate.host.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupHierarchyTest {
  @Test
  void readsTheUnifiedHierarchy() {
    assertThat(
            CgroupHierarchy.parse(
                "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"))
        .isEqualTo(List.of(new CgroupHierarchy(Path.of("/sys/fs/cgroup"), List.of())));
  }

  @Test
  void readsMixedHierarchiesAndLeavesOutWhatCannotBeWritten() {
    String mounts =
        """
        23 1 0:21 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        24 23 0:22 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        25 23 0:23 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
        26 23 0:24 / /sys/fs/cgroup/pids ro,relatime - cgroup cgroup rw,pids
        27 23 0:25 / /sys/fs/cgroup/systemd rw - cgroup none rw,xattr,release_agent=/x,name=systemd
        28 23 0:26 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        29 23 0:22 / /elsewhere/memory rw,relatime - cgroup cgroup rw,memory
        31 23 0:30 / /proc rw - proc proc rw
        """;
    assertThat(CgroupHierarchy.parse(mounts))
        .isEqualTo(
            List.of(
                new CgroupHierarchy(Path.of("/sys/fs/cgroup/memory"), List.of("memory")),
                new CgroupHierarchy(
                    Path.of("/sys/fs/cgroup/cpu,cpuacct"), List.of("cpu", "cpuacct")),
                new CgroupHierarchy(Path.of("/sys/fs/cgroup/systemd"), List.of("name=systemd")),
                new CgroupHierarchy(Path.of("/sys/fs/cgroup/unified"), List.of())));
  }
}
