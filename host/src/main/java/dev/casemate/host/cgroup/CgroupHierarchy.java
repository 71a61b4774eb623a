package dev.casemate.host.cgroup;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A mounted hierarchy.
 *
 * @param root where it is mounted
 * @param controllers what it controls in version 1, {@code memory} or {@code name=systemd}; empty
 *     for version 2
 */
record CgroupHierarchy(Path root, List<String> controllers) {
  CgroupHierarchy {
    controllers = List.copyOf(controllers);
  }

  /** Whether it is of version 2. */
  boolean isUnified() {
    return controllers.isEmpty();
  }

  /** Whether the hierarchy has this controller of version 1. */
  boolean controls(String controller) {
    return controllers.contains(controller);
  }

  /** The hierarchies that are mounted and can be written to, each once. */
  static List<CgroupHierarchy> mounted() {
    String mountInfo;
    try {
      mountInfo =
          new String(Files.readAllBytes(Path.of("/proc/self/mountinfo")), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "find the control groups",
          String.valueOf(failure),
          "mount proc on /proc",
          failure);
    }
    return parse(mountInfo);
  }

  /** Reads {@code /proc/PID/mountinfo}, see proc_pid_mountinfo(5). */
  static List<CgroupHierarchy> parse(String mountInfo) {
    List<CgroupHierarchy> found = new ArrayList<>();
    for (String line : mountInfo.split("\n", -1)) {
      int separator = line.indexOf(" - cgroup");
      if (separator < 0) {
        continue;
      }
      String[] mount = line.substring(0, separator).split(" ", -1);
      String[] fileSystem = line.substring(separator + 3).split(" ", -1);
      if (mount.length < 6 || fileSystem.length < 3 || !isWritable(mount[5])) {
        continue;
      }
      CgroupHierarchy hierarchy =
          new CgroupHierarchy(
              Path.of(mount[4]),
              fileSystem[0].equals("cgroup2") ? List.of() : controllersOf(fileSystem[2]));
      if (found.stream().noneMatch(h -> h.controllers().equals(hierarchy.controllers()))) {
        found.add(hierarchy);
      }
    }
    return List.copyOf(found);
  }

  private static boolean isWritable(String mountOptions) {
    return mountOptions.equals("rw") || mountOptions.startsWith("rw,");
  }

  private static List<String> controllersOf(String superOptions) {
    List<String> controllers = new ArrayList<>();
    for (String option : superOptions.split(",", -1)) {
      switch (option) {
        case "rw", "ro", "xattr", "noprefix", "clone_children" -> {
          // Options that are no controllers.
        }
        default -> {
          if (!option.startsWith("release_agent=")) {
            controllers.add(option);
          }
        }
      }
    }
    return controllers;
  }
}
