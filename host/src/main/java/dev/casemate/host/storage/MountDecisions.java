package dev.casemate.host.storage;

import dev.casemate.linux.FileStatus;
import dev.casemate.linux.FileSystemStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Mount;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each mount of a configuration whether the host shares it or the guest makes it.
 *
 * <ul>
 *   <li>Bound files and directories are shared.
 *   <li>Kernel file systems ({@code proc}, {@code tmpfs} …) are the guest's own.
 *   <li>A host tmpfs bound to {@code /dev/shm} becomes a tmpfs of the guest of the same size, one
 *       for all containers that bind the same directory, since memory cannot be shared with the
 *       host through a file system.
 *   <li>So does a pod's {@code emptyDir} of medium {@code Memory}, see {@link MemoryVolume}.
 *   <li>The harmless devices that every container has ({@code /dev/null} …) are the guest's own.
 *   <li>What cannot work or would hand out the host is refused before anything is touched: other
 *       devices, sockets, FIFOs, the host's {@code /proc}, {@code /sys}, {@code /dev} and their
 *       like, file systems on the host's block devices, id-mapped mounts.
 * </ul>
 */
final class MountDecisions {
  private static final Set<String> GUEST_FILE_SYSTEMS =
      Set.of(
          "proc",
          "sysfs",
          "tmpfs",
          "mqueue",
          "devpts",
          "cgroup",
          "cgroup2",
          "ramfs",
          "debugfs",
          "tracefs",
          "securityfs",
          "bpf",
          "hugetlbfs");

  /** File systems through which the host itself is steered (include/uapi/linux/magic.h). */
  private static final Set<Long> HOST_CONTROL =
      Set.of(
          FileSystemStatus.PROC,
          FileSystemStatus.CGROUP2,
          0x0027_e0ebL, // CGROUP
          0x6265_6572L, // SYSFS
          0x6462_6720L, // DEBUGFS
          0x7472_6163L, // TRACEFS
          0x7363_6673L, // SECURITYFS
          0xcafe_4a11L, // BPF_FS
          0x0000_1cd1L, // DEVPTS
          0xde5e_81e4L, // EFIVARFS
          0x6265_6570L, // CONFIGFS
          0x6e73_6673L); // NSFS

  /** HUGETLBFS_MAGIC. */
  private static final long HUGE_PAGES = 0x9584_58f6L;

  private static final String LEAVE_AWAY = "leave the mount away";

  private final Path bundle;

  /** Decides for the bundle of that directory. */
  MountDecisions(Path bundle) {
    this.bundle = bundle;
  }

  /**
   * One decision a mount, in order.
   *
   * @throws CasemateException NOT_FOUND for a source that does not exist, UNSUPPORTED with the
   *     reason for what is refused
   */
  List<MountDecision> of(List<Mount> mounts) {
    List<MountDecision> decisions = new ArrayList<>(mounts.size());
    for (Mount mount : mounts) {
      decisions.add(decide(mount));
    }
    return decisions;
  }

  private MountDecision decide(Mount mount) {
    if (!mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty()) {
      throw unsupported(
          mount, "id-mapped mounts cannot be shared with a machine", "map ids on the host");
    }
    if (mount.isBind()) {
      return bind(mount);
    }
    String type = mount.type();
    if (type == null || type.isEmpty()) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "mount " + mount.destination(),
          "it has neither a type nor the option bind",
          "say what to mount");
    }
    if (!GUEST_FILE_SYSTEMS.contains(type)) {
      throw unsupported(
          mount,
          "a file system of type '" + type + "' would be mounted from the host's devices",
          "mount it on the host and bind it");
    }
    return new MountDecision.InGuest(mount);
  }

  private MountDecision bind(Mount mount) {
    Path source = realSource(mount);
    FileStatus status = Filesystem.status(source.toString());
    return switch (status.kind()) {
      case DIRECTORY, REGULAR -> fileOrDirectory(mount, source, status.isDirectory());
      case CHARACTER_DEVICE -> {
        String device = HarmlessDevices.path(status.specialMajor(), status.specialMinor());
        if (device == null) {
          throw unsupported(
              mount, "the host's device " + source + " is not in the machine", LEAVE_AWAY);
        }
        yield new MountDecision.InGuest(mount.withSource("bind", device, mount.options()));
      }
      case BLOCK_DEVICE ->
          throw unsupported(
              mount, "the host's device " + source + " is not in the machine", LEAVE_AWAY);
      case SOCKET ->
          throw unsupported(
              mount,
              source + " is a socket, on whose other end is the host's kernel and not the guest's",
              "reach the service over the network");
      case FIFO ->
          throw unsupported(
              mount, source + " is a FIFO, which joins no processes of two kernels", LEAVE_AWAY);
      case SYMBOLIC_LINK, OTHER ->
          throw unsupported(mount, source + " is neither a file nor a directory", LEAVE_AWAY);
    };
  }

  private Path realSource(Mount mount) {
    String source = mount.source();
    if (source == null || source.isEmpty()) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "mount " + mount.destination(),
          "a bind mount needs a source",
          "name the file or directory");
    }
    try {
      return bundle.resolve(source).toRealPath();
    } catch (NoSuchFileException missing) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND,
          "mount " + source + " on " + mount.destination(),
          "the host has no such file or directory",
          "make it first",
          missing);
    } catch (IOException | InvalidPathException unreachable) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "mount " + source + " on " + mount.destination(),
          String.valueOf(unreachable.getMessage()),
          "",
          unreachable);
    }
  }

  private MountDecision fileOrDirectory(Mount mount, Path source, boolean directory) {
    FileSystemStatus fileSystem = fileSystem(mount, source);
    if (HOST_CONTROL.contains(fileSystem.type()) || source.equals(Path.of("/dev"))) {
      throw unsupported(
          mount,
          source + " steers the host's kernel, and the container runs on another one",
          "leave the mount out");
    }
    if (fileSystem.type() == HUGE_PAGES) {
      throw unsupported(
          mount,
          source + " is made of the host's huge pages, which a machine cannot reach as files",
          "use an emptyDir of medium Memory, or none");
    }
    if (directory
        && mount.destination().equals("/dev/shm")
        && fileSystem.type() == FileSystemStatus.TMPFS) {
      return new MountDecision.SharedMemory(
          withBindOption(mount), source, sharedMemory(fileSystem), "", 0);
    }
    Optional<MemoryVolume> memory =
        directory ? MemoryVolume.of(source, fileSystem) : Optional.empty();
    if (memory.isPresent()) {
      return new MountDecision.SharedMemory(
          withBindOption(mount),
          memory.get().directory(),
          memory.get().options(),
          memory.get().below(),
          Filesystem.status(source.toString()).permissions());
    }
    if (mount.options().contains("rshared") || mount.options().contains("shared")) {
      throw unsupported(
          mount,
          "mounts that the container makes are of another kernel and cannot appear on the host",
          "use HostToContainer (rslave), or a container that needs no Bidirectional propagation");
    }
    return new MountDecision.Share(withBindOption(mount), source, directory);
  }

  private static FileSystemStatus fileSystem(Mount mount, Path source) {
    try {
      return Filesystem.fileSystem(source.toString());
    } catch (LinuxException unreachable) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "mount " + source + " on " + mount.destination(),
          String.valueOf(unreachable.getMessage()),
          "",
          unreachable);
    }
  }

  private static List<String> sharedMemory(FileSystemStatus fileSystem) {
    List<String> options = new ArrayList<>(List.of("nosuid", "noexec", "nodev", "mode=1777"));
    long size = fileSystem.blocks() * fileSystem.blockBytes();
    if (size > 0) {
      options.add("size=" + size);
    }
    return options;
  }

  /**
   * Runtimes take {@code type: bind} alone for a bind, too; the kernel's option says it plainly.
   */
  private static Mount withBindOption(Mount mount) {
    if (mount.options().contains("bind") || mount.options().contains("rbind")) {
      return mount;
    }
    List<String> options = new ArrayList<>(mount.options());
    options.add("bind");
    return mount.withSource("bind", Objects.requireNonNull(mount.source()), options);
  }

  private static CasemateException unsupported(Mount mount, String why, @Nullable String advice) {
    return new CasemateException(
        ErrorCode.UNSUPPORTED, "mount " + mount.destination(), why, advice == null ? "" : advice);
  }
}
