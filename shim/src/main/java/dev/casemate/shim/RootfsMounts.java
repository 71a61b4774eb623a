package dev.casemate.shim;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.MountAttribute;
import dev.casemate.linux.MountFlag;
import dev.casemate.linux.Mounts;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.OpenFlag;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.shim.containerd.Mount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A container's root file system as a snapshotter describes it, mounted in this process's own mount
 * namespace: it goes with the process, whatever happens. Owned by one thread.
 */
final class RootfsMounts implements AutoCloseable {
  /** What snapshotters name. Anything else would be mounted by the host's kernel untested. */
  private static final Set<String> TYPES =
      Set.of("overlay", "bind", "ext4", "ext3", "xfs", "btrfs", "erofs", "squashfs", "tmpfs");

  private static final Map<String, MountFlag> FLAGS =
      Map.of(
          "ro", MountFlag.READ_ONLY,
          "nosuid", MountFlag.NO_SUID,
          "nodev", MountFlag.NO_DEVICES,
          "noexec", MountFlag.NO_EXEC,
          "noatime", MountFlag.NO_ACCESS_TIME,
          "nodiratime", MountFlag.NO_DIRECTORY_ACCESS_TIME,
          "relatime", MountFlag.RELATIVE_ACCESS_TIME,
          "sync", MountFlag.SYNCHRONOUS);

  private static final Set<String> MEANINGLESS =
      Set.of("rw", "defaults", "suid", "dev", "exec", "async", "atime", "diratime");

  /** Linux: a page, with the closing zero. */
  private static final int LONGEST_DATA = 4095;

  private final Deque<Path> mounted = new ArrayDeque<>();

  private RootfsMounts() {}

  /**
   * Mounts all, in order.
   *
   * @param target an existing directory, or one in an existing directory
   * @throws CasemateException UNSUPPORTED for a type that no snapshotter has, before anything is
   *     mounted; HOST_UNFIT when the kernel refuses, and nothing is mounted then
   */
  static RootfsMounts mount(List<Mount> mounts, Path target) {
    for (Mount mount : mounts) {
      if (!TYPES.contains(mount.getType())) {
        throw new CasemateException(
            ErrorCode.UNSUPPORTED,
            "mount the root file system",
            "its snapshotter gives a mount of type '" + mount.getType() + "'",
            "use a snapshotter whose mounts are of " + String.join(", ", sorted(TYPES)));
      }
    }
    RootfsMounts made = new RootfsMounts();
    try {
      if (!mounts.isEmpty() && !Files.isDirectory(target)) {
        Files.createDirectories(target);
      }
      for (Mount mount : mounts) {
        made.mountOne(mount, target);
      }
      return made;
    } catch (IOException failure) {
      made.close();
      throw unfit("make " + target, failure);
    } catch (RuntimeException failure) {
      made.close();
      throw failure;
    }
  }

  private static List<String> sorted(Set<String> words) {
    return words.stream().sorted().toList();
  }

  private void mountOne(Mount mount, Path root) throws IOException {
    Path target = target(mount, root);
    Set<MountFlag> flags = EnumSet.noneOf(MountFlag.class);
    List<String> data = new ArrayList<>();
    boolean bind = mount.getType().equals("bind");
    boolean recursive = false;
    for (String option : mount.getOptionsList()) {
      MountFlag flag = FLAGS.get(option);
      if (flag != null) {
        flags.add(flag);
      } else if (option.equals("bind") || option.equals("rbind")) {
        bind = true;
        recursive |= option.equals("rbind");
      } else if (!MEANINGLESS.contains(option)) {
        data.add(option);
      }
    }
    try {
      if (bind) {
        bind(mount.getSource(), target, recursive, flags.contains(MountFlag.READ_ONLY));
      } else {
        mount(mount, target, flags, data);
      }
    } catch (LinuxException refused) {
      throw unfit("mount " + mount.getType() + " on " + target, refused);
    }
  }

  /** Below the root file system, however the description writes it. */
  private static Path target(Mount mount, Path root) throws IOException {
    if (mount.getTarget().isEmpty()) {
      return root;
    }
    Path below = Path.of("/").resolve(mount.getTarget()).normalize();
    return root.resolve(Path.of("/").relativize(below)).toRealPath();
  }

  private void bind(String source, Path target, boolean recursive, boolean readOnly) {
    Mounts.bind(source, target.toString(), recursive);
    mounted.push(target);
    if (readOnly) {
      Mounts.setAttributes(
          target.toString(), recursive, Set.of(MountAttribute.READ_ONLY), Set.of());
    }
  }

  private void mount(Mount mount, Path target, Set<MountFlag> flags, List<String> options) {
    String data = String.join(",", options);
    List<Descriptor> held = new ArrayList<>();
    try {
      if (data.getBytes(StandardCharsets.UTF_8).length > LONGEST_DATA) {
        data = shortened(options, held);
      }
      Mounts.mount(mount.getSource(), target.toString(), mount.getType(), flags, data);
      mounted.push(target);
    } finally {
      held.forEach(Descriptor::close);
    }
  }

  /**
   * The same options with layers named through descriptors of their common directory: an image of
   * many layers says more than a page otherwise.
   */
  private static String shortened(List<String> options, List<Descriptor> held) {
    List<String> shorter = new ArrayList<>();
    for (String option : options) {
      String layers = "lowerdir=";
      if (!option.startsWith(layers)) {
        shorter.add(option);
        continue;
      }
      String[] paths = option.substring(layers.length()).split(":", -1);
      String common = commonDirectory(paths);
      Descriptor directory =
          Descriptor.open(
              common.isEmpty() ? "/" : common, OpenAccess.READ, OpenFlag.PATH, OpenFlag.DIRECTORY);
      held.add(directory);
      List<String> through = new ArrayList<>();
      for (String path : paths) {
        through.add(directory.path() + path.substring(common.length()));
      }
      shorter.add(layers + String.join(":", through));
    }
    return String.join(",", shorter);
  }

  /** The longest path that all of them are below, without a closing slash. */
  private static String commonDirectory(String[] paths) {
    String common = paths[0];
    for (String path : paths) {
      while (!path.startsWith(common + "/")) {
        common = common.substring(0, Math.max(0, common.lastIndexOf('/')));
      }
    }
    return common;
  }

  private static CasemateException unfit(String tried, Exception failure) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT, tried, String.valueOf(failure.getMessage()), "", failure);
  }

  /**
   * Unmounts all, last mounted first; what is not there any more is no error.
   *
   * @throws CasemateException HOST_UNFIT when something stays
   */
  @Override
  public void close() {
    CasemateException first = null;
    while (!mounted.isEmpty()) {
      Path target = mounted.pop();
      try {
        Mounts.detach(target.toString());
      } catch (LinuxException refused) {
        if (refused.errno() != Errno.EINVAL && refused.errno() != Errno.ENOENT) {
          first = first == null ? unfit("unmount " + target, refused) : first;
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
