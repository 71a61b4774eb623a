package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.MountFlag;
import dev.casemate.linux.Mounts;
import dev.casemate.protocol.agent.FSGroupChangePolicy;
import dev.casemate.protocol.agent.Mount;
import dev.casemate.protocol.agent.Spec;
import dev.casemate.protocol.agent.Storage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Mounts what requests call storages, each at a place below {@code /run}, once however many
 * containers name it, and takes it away with the last of them. Thread-safe; storages of one place
 * are made one after the other.
 */
final class Storages {
  /** The drivers that {@link #add} knows, as told to the host. */
  static final List<String> DRIVERS =
      List.of(
          "blk", "mmioblk", "scsi", "virtio-fs", "9p", "ephemeral", "local", "bind", "overlayfs");

  private static final int MODE_SET_GID = 0x400;
  private static final int MODE_DIRECTORY = 0x1ed;
  private static final int MODE_ALL = 0xfff;

  /** The option that the reference's host gives an ephemeral or local volume for its group. */
  private static final String FS_GROUP = "fsgid";

  /** Where the reference's host shares its files. */
  private static final String SHARED = "/run/kata-containers/shared/containers/";

  private final GuestTree tree;
  private final GuestLayout layout;
  private final BlockDevices devices;
  private final AgentLog log;
  private final Map<String, Integer> users = new HashMap<>();

  Storages(GuestTree tree, GuestLayout layout, BlockDevices devices, AgentLog log) {
    this.tree = tree;
    this.layout = layout;
    this.devices = devices;
    this.log = log;
  }

  /**
   * Makes all of them available, in order, or none.
   *
   * @return the places that {@link #remove} takes
   */
  List<String> add(List<Storage> storages) throws InterruptedException {
    List<String> places = new ArrayList<>();
    try {
      for (Storage storage : storages) {
        add(storage);
        if (!storage.getShared()) {
          places.add(storage.getMountPoint());
        }
      }
      return places;
    } catch (RuntimeException | InterruptedException e) {
      remove(places);
      throw e;
    }
  }

  /**
   * Enters the shared directories that a container binds, and that of its root. Each that is a
   * mount on the host becomes a mount of its own here when it is first entered, with files of its
   * own: entered before the runtime does so in the container's mount namespace, it is one for all
   * containers, and locks and mappings of a file hold between them (Linux 5.10,
   * fuse_dentry_automount). And it does not go with the container's last process: see {@link
   * FileRequests}.
   *
   * @return the places that {@link #remove} takes, so that the host can unmount what was shared
   */
  synchronized List<String> enter(Spec spec) {
    List<String> sources = new ArrayList<>();
    sources.add(spec.getRoot().getPath());
    for (Mount mount : spec.getMountsList()) {
      sources.add(mount.getSource());
    }
    List<String> places = new ArrayList<>();
    for (String place : sources) {
      if (place.startsWith(SHARED)
          && tree.isDirectory(GuestTree.names(place, "enter a shared directory"))) {
        users.merge(place, 1, Integer::sum);
        places.add(place);
      }
    }
    return places;
  }

  private synchronized void add(Storage storage) throws InterruptedException {
    String place = storage.getMountPoint();
    // The reference runtime ends the share's directory with a slash.
    String directory = place.endsWith("/") ? place.substring(0, place.length() - 1) : place;
    List<String> names = GuestTree.names(directory, "mount a storage");
    Integer before = users.get(place);
    if (before == null) {
      try {
        mount(storage, names);
      } catch (LinuxException e) {
        throw RequestError.failed("mount the storage " + storage.getDriver() + " at " + place, e);
      }
    }
    users.put(place, before == null ? 1 : before + 1);
  }

  private void mount(Storage storage, List<String> names) throws InterruptedException {
    switch (storage.getDriver()) {
      case "virtio-fs" -> mountAs("virtiofs", storage, names);
      case "9p" -> mountAs("9p", storage, names);
      case "ephemeral" -> ephemeral(storage, names);
      case "local" -> local(storage, names);
      case "bind" -> bind(storage, names);
      case "overlayfs" -> mountAs("overlay", storage, names);
      case "blk", "mmioblk", "scsi" -> block(storage, names);
      default ->
          throw RequestError.unsupported(
              "mount a storage", "the agent has no driver " + storage.getDriver());
    }
  }

  private void mountAs(String type, Storage storage, List<String> names) {
    MountOptions options = MountOptions.parse(storage.getOptionsList());
    String kind = storage.getFstype().isEmpty() ? type : storage.getFstype();
    try (Descriptor place = tree.directory(names, MODE_DIRECTORY)) {
      Mounts.mount(storage.getSource(), place.path(), kind, options.flags(), options.joinedData());
    }
    own(storage, names);
  }

  private void ephemeral(Storage storage, List<String> names) {
    MountOptions options = MountOptions.parse(storage.getOptionsList());
    List<String> data = new ArrayList<>(options.data());
    data.removeIf(option -> option.startsWith(FS_GROUP + "="));
    String kind = storage.getFstype().isEmpty() ? "tmpfs" : storage.getFstype();
    try (Descriptor place = tree.directory(names, MODE_DIRECTORY)) {
      Mounts.mount("tmpfs", place.path(), kind, options.flags(), String.join(",", data));
    }
    group(options, names);
    own(storage, names);
  }

  private void local(Storage storage, List<String> names) {
    if (tree.isDirectory(names)) {
      // A container has made it meanwhile, as it pleases.
      return;
    }
    MountOptions options = MountOptions.parse(storage.getOptionsList());
    String mode = options.value("mode");
    try (Descriptor place = tree.directory(names, MODE_DIRECTORY)) {
      if (!mode.isEmpty()) {
        Filesystem.setPermissions(place.path(), octal(mode));
      }
    }
    group(options, names);
    own(storage, names);
  }

  private void bind(Storage storage, List<String> names) {
    MountOptions options = MountOptions.parse(storage.getOptionsList());
    List<String> from = GuestTree.names(storage.getSource(), "bind a storage");
    try (Descriptor source = tree.handle(from)) {
      try (Descriptor place = target(source.status().isDirectory(), names)) {
        boolean recursive = options.flags().contains(MountFlag.RECURSIVE);
        Mounts.bind(source.path(), place.path(), recursive);
      }
    }
    if (options.flags().contains(MountFlag.READ_ONLY)) {
      try (Descriptor mounted = tree.handle(names)) {
        Mounts.makeReadOnly(mounted.path(), true);
      }
    }
  }

  private Descriptor target(boolean directory, List<String> names) {
    return directory ? tree.directory(names, MODE_DIRECTORY) : tree.file(names);
  }

  private void block(Storage storage, List<String> names) throws InterruptedException {
    String device = devices.await(storage.getSource());
    MountOptions options = MountOptions.parse(storage.getOptionsList());
    try (Descriptor place = tree.directory(names, MODE_DIRECTORY)) {
      if (storage.getFstype().equals("bind")) {
        throw RequestError.unsupported("mount a storage", "a raw block device is no file system");
      }
      Mounts.mount(
          device, place.path(), storage.getFstype(), options.flags(), options.joinedData());
    }
    own(storage, names);
  }

  private void group(MountOptions options, List<String> names) {
    String group = options.value(FS_GROUP);
    if (!group.isEmpty()) {
      setGroup(names, decimal(group));
    }
  }

  /** Gives the volume's root to the pod's group, so that what is made there belongs to it. */
  private void own(Storage storage, List<String> names) {
    if (!storage.hasFsGroup()) {
      return;
    }
    int group = storage.getFsGroup().getGroupId();
    try (Descriptor root = tree.handle(names)) {
      if (storage.getFsGroup().getGroupChangePolicy() == FSGroupChangePolicy.OnRootMismatch
          && root.status().group() == group) {
        return;
      }
    }
    setGroup(names, group);
  }

  private void setGroup(List<String> names, int group) {
    try (Descriptor root = tree.handle(names)) {
      root.setOwner(root.status().owner(), group);
      Filesystem.setPermissions(root.path(), root.status().permissions() | MODE_SET_GID);
    }
  }

  /** Applies new sizes to mounted tmpfs storages. */
  synchronized void resize(List<Storage> storages) {
    for (Storage storage : storages) {
      List<String> names = GuestTree.names(storage.getMountPoint(), "resize a storage");
      if (!users.containsKey(storage.getMountPoint())) {
        throw RequestError.notFound(
            "resize a storage", storage.getMountPoint() + " is not mounted");
      }
      MountOptions options = MountOptions.parse(storage.getOptionsList());
      EnumSet<MountFlag> flags = EnumSet.of(MountFlag.REMOUNT);
      flags.addAll(options.flags());
      try (Descriptor place = tree.handle(names)) {
        Mounts.mount("tmpfs", place.path(), "tmpfs", flags, options.joinedData());
      } catch (LinuxException e) {
        throw RequestError.failed("resize the storage at " + storage.getMountPoint(), e);
      }
    }
  }

  /** Gives up one use of each place, last mounted first. */
  synchronized void remove(List<String> places) {
    for (String place : places.reversed()) {
      Integer count = users.get(place);
      if (count == null) {
        continue;
      }
      if (count > 1) {
        users.put(place, count - 1);
        continue;
      }
      users.remove(place);
      detach(place);
    }
  }

  private void detach(String place) {
    String path = layout.real(place);
    if (!mounted(path)) {
      return;
    }
    try {
      Mounts.detach(path);
    } catch (LinuxException e) {
      log.warn("cannot unmount a storage", "path", place, "why", RequestError.reason(e));
    }
  }

  private static boolean mounted(String path) {
    return Mounts.list().stream().anyMatch(entry -> entry.mountPoint().equals(path));
  }

  private static int octal(String text) {
    return number(text, 8) & MODE_ALL;
  }

  private static int decimal(String text) {
    return number(text, 10);
  }

  private static int number(String text, int radix) {
    try {
      return Integer.parseUnsignedInt(text, radix);
    } catch (NumberFormatException e) {
      throw RequestError.invalid("mount a storage", "a number in its options is none");
    }
  }

  /** The places that are mounted now, for diagnostics. */
  synchronized Set<String> places() {
    return Set.copyOf(users.keySet());
  }
}
