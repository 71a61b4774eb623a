package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.FileSystemStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.MountFlag;
import dev.casemate.linux.Mounts;
import dev.casemate.linux.OpenAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.StringTokenizer;

/**
 * What PID 1 mounts. In two steps: first what the channel to the host needs, then, while the host
 * may ask already, the rest. What the initial RAM disk has mounted stays as it is.
 */
final class EarlyBoot {
  private static final Set<MountFlag> PLAIN =
      Set.of(MountFlag.NO_SUID, MountFlag.NO_EXEC, MountFlag.NO_DEVICES);
  private static final Set<MountFlag> DEVICES = Set.of(MountFlag.NO_SUID, MountFlag.NO_EXEC);
  private static final Set<MountFlag> FILES = Set.of(MountFlag.NO_SUID, MountFlag.NO_DEVICES);
  private static final Path OPEN_FILES = Path.of("/proc/sys/fs/nr_open");
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");
  private static final int STANDARD_STREAMS = 3;

  private EarlyBoot() {}

  /** {@code /proc}, {@code /sys} and {@code /dev}, and descriptors 0 to 2. */
  static void first() {
    mountIfMissing("proc", "/proc", "proc", PLAIN, "", "/proc/self");
    mountIfMissing("sysfs", "/sys", "sysfs", PLAIN, "", "/sys/class");
    mountIfMissing("devtmpfs", "/dev", "devtmpfs", DEVICES, "mode=0755", "/dev/null");
    openStandardStreams();
  }

  /** The rest. */
  static void second() {
    if (Filesystem.fileSystem("/run").type() != FileSystemStatus.TMPFS) {
      // Programs are never run from here; containers' device files lie in their own /dev.
      Mounts.mount("tmpfs", "/run", "tmpfs", FILES, "mode=0755");
    }
    if (Filesystem.fileSystem("/tmp").type() != FileSystemStatus.TMPFS) {
      Mounts.mount("tmpfs", "/tmp", "tmpfs", FILES, "mode=1777");
    }
    allowManyFiles();
    directory("/dev/pts");
    mountIfMissing(
        "devpts", "/dev/pts", "devpts", DEVICES, "mode=0620,ptmxmode=0666,gid=5", "/dev/pts/ptmx");
    directory("/dev/shm");
    if (Filesystem.fileSystem("/dev/shm").type() != FileSystemStatus.TMPFS) {
      Mounts.mount("tmpfs", "/dev/shm", "tmpfs", PLAIN, "mode=1777");
    }
    link("/dev/fd", "/proc/self/fd");
    link("/dev/ptmx", "pts/ptmx");
    mountIfMissing(
        "cgroup2",
        CGROUP.toString(),
        "cgroup2",
        PLAIN,
        "nsdelegate,memory_recursiveprot",
        "/sys/fs/cgroup/cgroup.procs");
    enableControllers(CGROUP);
    Path parent = CGROUP.resolve(CgroupFiles.PARENT.substring(1));
    directory(parent.toString());
    enableControllers(parent);
  }

  /**
   * As many as systemd allows on a host: limits that containers bring along from there ({@code
   * RLIMIT_NOFILE}) may go up to it.
   */
  private static void allowManyFiles() {
    byte[] most = "1073741816".getBytes(StandardCharsets.US_ASCII);
    try {
      Files.write(OPEN_FILES, most, StandardOpenOption.WRITE);
    } catch (IOException e) {
      // A container that asks for more than there is fails and says so.
    }
  }

  private static void mountIfMissing(
      String source, String target, String type, Set<MountFlag> flags, String data, String proof) {
    if (!Files.exists(Path.of(proof))) {
      Mounts.mount(source, target, type, flags, data);
    }
  }

  private static void directory(String path) {
    try {
      Files.createDirectories(Path.of(path));
    } catch (IOException e) {
      throw RequestError.failed("make " + path, e);
    }
  }

  private static void link(String path, String target) {
    try {
      if (!Files.exists(Path.of(path))) {
        Files.createSymbolicLink(Path.of(path), Path.of(target));
      }
    } catch (IOException e) {
      throw RequestError.failed("make " + path, e);
    }
  }

  /**
   * Lets the groups below have all controllers that there are; one at a time, since the kernel
   * refuses a whole line for the sake of one.
   */
  private static void enableControllers(Path cgroup) {
    StringTokenizer names = new StringTokenizer(Small.word(cgroup.resolve("cgroup.controllers")));
    while (names.hasMoreTokens()) {
      byte[] line = ("+" + names.nextToken()).getBytes(StandardCharsets.US_ASCII);
      try {
        Files.write(cgroup.resolve("cgroup.subtree_control"), line, StandardOpenOption.WRITE);
      } catch (IOException e) {
        // A container that is limited by it will fail and say so.
      }
    }
  }

  /**
   * A kernel without a console starts PID 1 without standard streams; whatever is opened next would
   * take their numbers, and what writes to them write there.
   */
  private static void openStandardStreams() {
    for (int number = 0; number < STANDARD_STREAMS; number++) {
      try {
        Descriptor.duplicateOf(number).close();
      } catch (LinuxException e) {
        if (e.errno() != Errno.EBADF) {
          throw e;
        }
        // The lowest free number is this one, and it stays open for good.
        Descriptor.open("/dev/null", OpenAccess.READ_WRITE).setCloseOnExec(false);
      }
    }
  }
}
