package dev.casemate.host.storage;

import dev.casemate.linux.FileStatus;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.MountEntry;
import dev.casemate.linux.Mounts;
import dev.casemate.model.ContainerId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What containers of a sandbox bind from the host, once in the shared tree for all that bind the
 * same in the same way: only then is a file one file of the guest's kernel, and locks and mappings
 * of it hold between containers. Guarded by its owner's lock.
 */
final class SharedVolumes {
  private final SharedTree tree;
  private final Map<Identity, Volume> volumes = new HashMap<>();
  private final Map<ContainerId, List<Identity>> used = new HashMap<>();
  private int next;

  SharedVolumes(SharedTree tree) {
    this.tree = tree;
  }

  /**
   * Two bindings are the same if they show the same to who comes later, too: a path may lead to
   * another file by then, or have other mounts below it.
   */
  private record Identity(
      SharedTree.Binding binding, int major, int minor, long inode, List<Integer> mounts) {
    static Identity of(SharedTree.Binding binding) {
      FileStatus status = Filesystem.status(binding.source().toString());
      List<Integer> mounts =
          Mounts.list().stream()
              .filter(mount -> Path.of(mount.mountPoint()).startsWith(binding.source()))
              .map(MountEntry::id)
              .toList();
      return new Identity(
          binding, status.deviceMajor(), status.deviceMinor(), status.inode(), mounts);
    }
  }

  /** What is in the tree and how many mounts of containers need it. */
  private record Volume(String name, int users) {}

  /** Binds for a container; the name below the directory of all volumes. */
  String bind(ContainerId container, SharedTree.Binding binding) {
    Identity identity = Identity.of(binding);
    Volume volume = volumes.get(identity);
    if (volume == null) {
      volume = new Volume(Integer.toString(next++), 0);
      tree.bind(GuestPaths.VOLUMES, volume.name(), binding);
    }
    volumes.put(identity, new Volume(volume.name(), volume.users() + 1));
    used.computeIfAbsent(container, _ -> new ArrayList<>()).add(identity);
    return volume.name();
  }

  /** Takes away what only this container still needed; one that has none is no error. */
  void release(ContainerId container) {
    List<Identity> gone = used.remove(container);
    if (gone == null) {
      return;
    }
    for (Identity identity : gone) {
      volumes.computeIfPresent(
          identity,
          (_, volume) -> {
            if (volume.users() > 1) {
              return new Volume(volume.name(), volume.users() - 1);
            }
            tree.remove(GuestPaths.VOLUMES + "/" + volume.name());
            return null;
          });
    }
  }
}
