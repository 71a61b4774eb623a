package dev.casemate.host.cgroup;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The end of a sandbox's control groups, which needs nothing but the list of the directories that
 * were made: it also works when all who knew more are dead.
 */
public final class CgroupRemoval {
  /** A killed process may still have gigabytes of memory to give back before it is gone. */
  private static final Duration BOUND = Duration.ofSeconds(30);

  /** The kernel tells nobody on version 1 when a group becomes empty. */
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final List<Path> groups;
  private final List<Path> parents;

  /**
   * Takes the directories that {@link SandboxCgroups#made} told. Those that are parents of others
   * are shared with other sandboxes: nobody in them is killed, and they go only when empty.
   */
  public CgroupRemoval(List<Path> made) {
    this(
        made.stream().filter(directory -> !isParent(directory, made)).toList(),
        made.stream().filter(directory -> isParent(directory, made)).toList());
  }

  CgroupRemoval(List<Path> groups, List<Path> parents) {
    this.groups = List.copyOf(groups);
    this.parents = parents.stream().sorted(Comparator.reverseOrder()).toList();
  }

  private static boolean isParent(Path directory, List<Path> made) {
    return made.stream().anyMatch(d -> !d.equals(directory) && d.startsWith(directory));
  }

  /** The processes that are in the groups, without the calling one. */
  public List<Long> processes() {
    List<Long> pids = new ArrayList<>();
    for (Path group : groups) {
      collect(group, pids);
    }
    return pids.stream().distinct().toList();
  }

  private static void collect(Path group, List<Long> pids) {
    for (Path child : children(group)) {
      collect(child, pids);
    }
    pids.addAll(members(group));
    pids.remove(ProcessHandle.current().pid());
  }

  /**
   * Kills every process in the groups but the calling one, frozen ones too, and waits until they
   * are gone.
   *
   * @throws CasemateException TIMED_OUT when one does not die within 30 seconds
   */
  public void kill() {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (true) {
      // Again in each round: a process may have forked before its signal came.
      List<Long> pids = processes();
      if (pids.isEmpty()) {
        return;
      }
      groups.forEach(CgroupRemoval::thaw);
      for (long pid : pids) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      }
      if (System.nanoTime() > deadline) {
        throw new CasemateException(
            ErrorCode.TIMED_OUT,
            "kill the sandbox's processes",
            "process " + pids.getFirst() + " does not die",
            "see what it waits for in /proc/" + pids.getFirst() + "/stack");
      }
      pause();
    }
  }

  /** Kills, then removes the directories; what is gone already is no error. */
  public void remove() {
    groups.forEach(CgroupRemoval::leave);
    kill();
    long deadline = System.nanoTime() + BOUND.toNanos();
    for (Path group : groups) {
      removeGroup(group, deadline);
    }
    parents.forEach(CgroupRemoval::removeWhenEmpty);
  }

  /** Moves the calling process to the nearest group that stays. */
  private static void leave(Path group) {
    long self = ProcessHandle.current().pid();
    Path parent = group.getParent();
    if (!members(group).contains(self)) {
      return;
    }
    // In version 2 a group with controllers for its children takes no process; the root does.
    while (parent != null && Files.exists(parent.resolve("cgroup.procs"))) {
      try {
        Files.writeString(parent.resolve("cgroup.procs"), Long.toString(self));
        return;
      } catch (IOException refused) {
        parent = parent.getParent();
      }
    }
  }

  private static void removeGroup(Path group, long deadline) {
    for (Path child : children(group)) {
      removeGroup(child, deadline);
    }
    while (!removeWhenEmpty(group)) {
      if (System.nanoTime() > deadline) {
        throw new CasemateException(
            ErrorCode.TIMED_OUT, "remove control group " + group, "it stays busy", "");
      }
      pause();
    }
  }

  private static boolean removeWhenEmpty(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (DirectoryNotEmptyException inUse) {
      return false;
    } catch (IOException busy) {
      return !Files.isDirectory(group, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** The ids in a group, or none when it is gone. */
  private static List<Long> members(Path group) {
    List<Long> pids = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(group.resolve("cgroup.procs"))) {
        long pid = Long.parseLong(line);
        // 0 stands for a process of another pid namespace that we cannot see.
        if (pid > 0) {
          pids.add(pid);
        }
      }
    } catch (IOException gone) {
      return List.of();
    }
    return pids;
  }

  private static List<Path> children(Path group) {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            group, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
      entries.forEach(children::add);
    } catch (NoSuchFileException gone) {
      return List.of();
    } catch (IOException unreadable) {
      return List.of();
    }
    return children;
  }

  /** A process that a group of version 1 has frozen takes its signal only when thawed. */
  private static void thaw(Path group) {
    Path state = group.resolve("freezer.state");
    if (Files.exists(state)) {
      try {
        Files.writeString(state, "THAWED");
      } catch (IOException gone) {
        return;
      }
    }
    children(group).forEach(CgroupRemoval::thaw);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CasemateException(
          ErrorCode.CANCELLED, "remove the control groups", "the caller gave up", "", interrupted);
    }
  }
}
