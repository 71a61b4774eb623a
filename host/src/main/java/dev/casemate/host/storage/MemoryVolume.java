package dev.casemate.host.storage;

import dev.casemate.linux.FileStatus;
import dev.casemate.linux.FileSystemStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.MountEntry;
import dev.casemate.linux.Mounts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A pod's {@code emptyDir} of medium {@code Memory}: a tmpfs that the kubelet has mounted at {@code
 * PODS/UID/volumes/kubernetes.io~empty-dir/NAME}, or a directory in it that the kubelet has bound
 * to {@code PODS/UID/volume-subpaths/NAME/CONTAINER/INDEX}. Both the kubelet's path and the mount
 * must be there; a tmpfs elsewhere is the host's own.
 *
 * @param directory the volume on the host
 * @param within which directory of it is meant, absolute as if the volume were the root
 * @param status of the volume's root directory
 * @param bytes how much it may hold; 0 for no limit
 */
record MemoryVolume(Path directory, Path within, FileStatus status, long bytes) {
  private static final Path ROOT = Path.of("/");
  private static final String KIND = "kubernetes.io~empty-dir";
  private static final String VOLUMES = "volumes";
  private static final String SUB_PATHS = "volume-subpaths";

  /** Names below a pod's directory: {@code volume-subpaths/NAME/CONTAINER/INDEX}. */
  private static final int SUB_PATH_NAMES = 4;

  /**
   * The volume that a mount's source is, if it is one.
   *
   * @param source a directory without symbolic links
   * @param fileSystem that it is on
   */
  static Optional<MemoryVolume> of(Path source, FileSystemStatus fileSystem) {
    if (fileSystem.type() != FileSystemStatus.TMPFS) {
      return Optional.empty();
    }
    Optional<Path> named = volume(source);
    if (named.isEmpty()) {
      return Optional.empty();
    }
    List<MountEntry> mounts = Mounts.list();
    Optional<MountEntry> volume = mountedAt(named.get(), mounts);
    Optional<MountEntry> meant = mountedAt(source, mounts);
    if (volume.isEmpty()
        || meant.isEmpty()
        || !volume.get().type().equals("tmpfs")
        || !volume.get().root().equals("/")
        || !volume.get().device().equals(meant.get().device())) {
      return Optional.empty();
    }
    return Optional.of(
        new MemoryVolume(
            named.get(),
            ROOT.resolve(meant.get().root()).normalize(),
            Filesystem.status(named.get().toString()),
            fileSystem.blocks() * fileSystem.blockBytes()));
  }

  /** The volume's directory by the kubelet's rules for names. */
  private static Optional<Path> volume(Path source) {
    int names = source.getNameCount();
    if (names > 2 && isVolume(source)) {
      return Optional.of(source);
    }
    if (names > SUB_PATH_NAMES
        && source.getName(names - SUB_PATH_NAMES).toString().equals(SUB_PATHS)) {
      Path pod = ROOT.resolve(source.subpath(0, names - SUB_PATH_NAMES));
      Path name = source.getName(names - SUB_PATH_NAMES + 1);
      return Optional.of(pod.resolve(VOLUMES).resolve(KIND).resolve(name));
    }
    return Optional.empty();
  }

  private static boolean isVolume(Path source) {
    Path kind = Objects.requireNonNull(source.getParent());
    return kind.endsWith(KIND) && Objects.requireNonNull(kind.getParent()).endsWith(VOLUMES);
  }

  /** The mount that is seen there: the last one of those on one place. */
  private static Optional<MountEntry> mountedAt(Path place, List<MountEntry> mounts) {
    return mounts.reversed().stream()
        .filter(mount -> mount.mountPoint().equals(place.toString()))
        .findFirst();
  }

  /** What the guest's tmpfs is mounted with to be like the host's. */
  List<String> options() {
    List<String> options = new ArrayList<>(List.of("nodev"));
    options.add("mode=" + Integer.toOctalString(status.permissions()));
    options.add("uid=" + Integer.toUnsignedString(status.owner()));
    options.add("gid=" + Integer.toUnsignedString(status.group()));
    if (bytes > 0) {
      options.add("size=" + bytes);
    }
    return options;
  }

  /** The directory's names in the volume, joined by slashes; empty for the volume itself. */
  String below() {
    return ROOT.relativize(within).toString();
  }
}
