package dev.casemate.host.storage;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.OpenFlag;
import dev.casemate.linux.Resolve;
import dev.casemate.model.oci.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes the places that mounts go to in a root file system that will be read-only: the guest cannot
 * make them any more. Paths are resolved within the root, which its maker may have filled with
 * links.
 */
final class MountTargets {
  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;

  private MountTargets() {}

  /** Makes what is missing. What cannot be made is left to the guest, whose error names it. */
  static void make(Path rootfs, List<MountDecision> decisions) {
    List<Path> earlier = new ArrayList<>();
    try (Descriptor root =
        Descriptor.open(rootfs.toString(), OpenAccess.READ, OpenFlag.PATH, OpenFlag.DIRECTORY)) {
      for (MountDecision decision : decisions) {
        Mount mount =
            switch (decision) {
              case MountDecision.Share share -> share.mount();
              case MountDecision.SharedMemory memory -> memory.mount();
              case MountDecision.InGuest inGuest -> inGuest.mount();
            };
        Path destination = Path.of("/").resolve(mount.destination()).normalize();
        if (earlier.stream().noneMatch(destination::startsWith)) {
          make(root, destination, isFile(decision, mount));
        }
        earlier.add(destination);
      }
    }
  }

  private static boolean isFile(MountDecision decision, Mount mount) {
    return switch (decision) {
      case MountDecision.Share share -> !share.directory();
      case MountDecision.SharedMemory _ -> false;
      case MountDecision.InGuest _ -> mount.isBind();
    };
  }

  private static void make(Descriptor root, Path destination, boolean file) {
    Path parent = destination.getParent();
    if (parent == null) {
      return;
    }
    try {
      Path directory = file ? parent : destination;
      Filesystem.makeDirectoriesIn(root, directory.toString(), DIRECTORY_MODE).close();
      if (file) {
        makeFile(root, destination);
      }
    } catch (LinuxException refused) {
      // Read-only already, or no place for it: then it exists, or the guest says what is missing.
      if (refused.errno() == Errno.EMFILE || refused.errno() == Errno.ENOSPC) {
        throw refused;
      }
    }
  }

  private static void makeFile(Descriptor root, Path destination) {
    Descriptor file =
        Filesystem.openIn(
            root,
            destination.toString(),
            Set.of(Resolve.IN_ROOT),
            OpenAccess.READ,
            FILE_MODE,
            OpenFlag.CREATE,
            OpenFlag.NON_BLOCKING);
    file.close();
  }
}
