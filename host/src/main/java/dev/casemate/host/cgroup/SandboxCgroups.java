package dev.casemate.host.cgroup;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The control groups of one sandbox, one in each hierarchy that is mounted and can be written. They
 * count and hold together; the limits of the container are enforced in the guest, so that its
 * machine can never be killed at its own container's limit. Thread-safe.
 */
public final class SandboxCgroups {
  /** Another sandbox's end may take a shared parent away between its making and its use. */
  private static final int MAKE_ATTEMPTS = 20;

  /** What is made inside a group that somebody else made for the container. */
  private static final String INNER = "casemate";

  private final List<Path> groups;
  private final List<Path> parents;

  private SandboxCgroups(List<Path> groups, List<Path> parents) {
    this.groups = List.copyOf(groups);
    this.parents = List.copyOf(parents);
  }

  /**
   * Makes the groups.
   *
   * @param cgroupsPath the configuration's {@code linux.cgroupsPath}, or null for {@code
   *     /casemate/ID}. A group that exists there is not ours: then one is made inside it
   * @throws CasemateException HOST_UNFIT when a hierarchy refuses; nothing is left then
   */
  public static SandboxCgroups create(@Nullable String cgroupsPath, ContainerId id) {
    return create(CgroupHierarchy.mounted(), CgroupPath.of(cgroupsPath, id));
  }

  /**
   * What {@link #create} would make now: to be recorded before, for the removal after a crash in
   * between.
   */
  public static List<Path> planned(@Nullable String cgroupsPath, ContainerId id) {
    return planned(CgroupHierarchy.mounted(), CgroupPath.of(cgroupsPath, id));
  }

  static List<Path> planned(List<CgroupHierarchy> hierarchies, CgroupPath path) {
    List<Path> planned = new ArrayList<>();
    for (CgroupHierarchy hierarchy : hierarchies) {
      Path group = hierarchy.root();
      for (String name : path.names().subList(0, path.names().size() - 1)) {
        group = group.resolve(name);
        if (name.equals(CgroupPath.OWN) || !Files.exists(group)) {
          planned.add(group);
        }
      }
      group = group.resolve(path.names().getLast());
      planned.add(Files.exists(group) ? group.resolve(INNER) : group);
    }
    return List.copyOf(planned);
  }

  static SandboxCgroups create(List<CgroupHierarchy> hierarchies, CgroupPath path) {
    if (hierarchies.isEmpty()) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "make a control group",
          "no cgroup hierarchy is mounted for writing",
          "mount cgroup2 on /sys/fs/cgroup");
    }
    List<Path> groups = new ArrayList<>();
    List<Path> parents = new ArrayList<>();
    try {
      for (CgroupHierarchy hierarchy : hierarchies) {
        groups.add(make(hierarchy, path, parents));
      }
    } catch (CasemateException failure) {
      new CgroupRemoval(groups, parents).remove();
      throw failure;
    }
    return new SandboxCgroups(groups, parents);
  }

  private static Path make(CgroupHierarchy hierarchy, CgroupPath path, List<Path> parents) {
    IOException last = null;
    for (int attempt = 0; attempt < MAKE_ATTEMPTS; attempt++) {
      try {
        return makeOnce(hierarchy, path, parents);
      } catch (NoSuchFileException parentGone) {
        last = parentGone;
      } catch (IOException failure) {
        throw unfit(hierarchy, path, failure);
      }
    }
    throw unfit(hierarchy, path, last);
  }

  private static CasemateException unfit(
      CgroupHierarchy hierarchy, CgroupPath path, @Nullable IOException failure) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT,
        "make the control group " + String.join("/", path.names()) + " in " + hierarchy.root(),
        String.valueOf(failure),
        "check with 'mkdir' that groups can be made there",
        failure);
  }

  private static Path makeOnce(CgroupHierarchy hierarchy, CgroupPath path, List<Path> parents)
      throws IOException {
    Path group = hierarchy.root();
    for (String name : path.names().subList(0, path.names().size() - 1)) {
      group = group.resolve(name);
      boolean made = makeGroup(hierarchy, group);
      if (made && hierarchy.isUnified()) {
        delegate(group);
      }
      // The last of the sandboxes in it takes our own parent away, whoever made it.
      if (made || name.equals(CgroupPath.OWN)) {
        parents.add(group);
      }
    }
    group = group.resolve(path.names().getLast());
    if (makeGroup(hierarchy, group)) {
      return group;
    }
    Path inner = group.resolve(INNER);
    if (!makeGroup(hierarchy, inner)) {
      throw new FileAlreadyExistsException(inner.toString());
    }
    return inner;
  }

  /** Makes a group; false when it exists. */
  private static boolean makeGroup(CgroupHierarchy hierarchy, Path group) throws IOException {
    try {
      Files.createDirectory(group);
    } catch (FileAlreadyExistsException exists) {
      return false;
    }
    if (hierarchy.controls("cpuset")) {
      // A new group of version 1 has no processors and takes no process.
      inherit(group, "cpuset.cpus");
      inherit(group, "cpuset.mems");
    }
    return true;
  }

  private static void inherit(Path group, String file) throws IOException {
    Path parent = group.getParent();
    if (parent == null) {
      throw new NoSuchFileException(group.toString());
    }
    Files.write(group.resolve(file), Files.readAllBytes(parent.resolve(file)));
  }

  /** Lets the children of a group that we made use what controllers it has. */
  private static void delegate(Path group) throws IOException {
    for (String controller :
        Files.readString(group.resolve("cgroup.controllers")).strip().split(" ", -1)) {
      if (!controller.isEmpty()) {
        try {
          Files.writeString(group.resolve("cgroup.subtree_control"), "+" + controller);
        } catch (IOException refused) {
          // Some controllers cannot be had inside some groups; counting goes on without them.
        }
      }
    }
  }

  /** What goes with the sandbox: to be recorded, for the removal after a crash. */
  public List<Path> made() {
    List<Path> made = new ArrayList<>(parents);
    made.addAll(groups);
    return List.copyOf(made);
  }

  /** The groups that hold the sandbox's processes, one in each hierarchy. */
  public List<Path> groups() {
    return groups;
  }

  /**
   * Moves a process in.
   *
   * @throws CasemateException HELPER_DIED when it has ended; HOST_UNFIT when a hierarchy refuses
   */
  public void add(long pid) {
    for (Path group : groups) {
      try {
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
      } catch (IOException failure) {
        if (!ProcessHandle.of(pid).isPresent()) {
          throw new CasemateException(
              ErrorCode.HELPER_DIED,
              "move process " + pid + " to its control group",
              "it has ended",
              "",
              failure);
        }
        throw new CasemateException(
            ErrorCode.HOST_UNFIT,
            "move process " + pid + " to control group " + group,
            String.valueOf(failure),
            "",
            failure);
      }
    }
  }

  /** Whether the kernel killed a process in it for memory. */
  public boolean outOfMemory() {
    for (Path group : groups) {
      if (kills(group.resolve("memory.events")) > 0
          || kills(group.resolve("memory.oom_control")) > 0) {
        return true;
      }
    }
    return false;
  }

  /** The value of {@code oom_kill} (version 1: since Linux 4.13), 0 without such a file. */
  private static long kills(Path file) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("oom_kill ")) {
          return Long.parseLong(line.substring("oom_kill ".length()).strip());
        }
      }
      return 0;
    } catch (IOException noSuchController) {
      return 0;
    }
  }

  /**
   * Takes the calling process out, kills everybody else in the groups, and removes what was made.
   * Works more than once.
   *
   * @throws CasemateException TIMED_OUT when a process does not die
   */
  public void remove() {
    new CgroupRemoval(groups, parents).remove();
  }
}
