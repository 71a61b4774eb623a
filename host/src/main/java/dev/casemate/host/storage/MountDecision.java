package dev.casemate.host.storage;

import dev.casemate.model.oci.Mount;
import java.nio.file.Path;
import java.util.List;

/** What becomes of one mount of a configuration. */
sealed interface MountDecision {
  /**
   * A file or directory of the host is shared.
   *
   * @param mount as configured
   * @param source the host's file or directory, without symbolic links
   * @param directory whether it is a directory
   */
  record Share(Mount mount, Path source, boolean directory) implements MountDecision {
    /** Whether the mounts below the source come along. */
    boolean recursive() {
      return mount.options().contains("rbind");
    }

    /** Whether mounts that the host makes below the source later come along. */
    boolean followsHost() {
      return mount.options().contains("rslave") || mount.options().contains("slave");
    }
  }

  /**
   * Memory that containers of one sandbox share: the guest makes it, once for each source, and
   * keeps it for as long as the sandbox lives.
   *
   * @param mount as configured
   * @param source the host's directory, which tells one from another
   * @param options of the guest's file system
   * @param below the directory of it that is meant, its names joined by slashes; empty for all
   * @param mode permission bits of that directory if the guest has to make it
   */
  record SharedMemory(Mount mount, Path source, List<String> options, String below, int mode)
      implements MountDecision {
    /** Copies the list. */
    public SharedMemory {
      options = List.copyOf(options);
    }
  }

  /**
   * The guest makes it by itself.
   *
   * @param mount as the guest gets it
   */
  record InGuest(Mount mount) implements MountDecision {}
}
