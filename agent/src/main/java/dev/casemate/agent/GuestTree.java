package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Errno;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.OpenFlag;
import dev.casemate.linux.Resolve;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The part of the guest's tree that requests may name: what lies below {@code /run}, without the
 * agent's and the runtime's own directories. Containers can write to parts of it (the shared
 * directory, volumes), so no symbolic link is ever followed here: each path is resolved with {@code
 * openat2(2)} from a descriptor that is held open, and what is opened is then used through the
 * descriptor. Thread-safe.
 */
final class GuestTree {
  /** The agent's own files. */
  static final String OWN = "/run/casemate";

  private static final String BASE = "/run/";
  private static final int MAX_PATH = 4095;
  private static final int MAX_NAME = 255;
  private static final int PLACE_MODE = 0x1ed;
  private static final int FILE_MODE = 0x1a4;
  private static final Set<Resolve> STRICT = Set.of(Resolve.BENEATH, Resolve.NO_SYMLINKS);
  private static final List<String> RESERVED = List.of("casemate", "crun");

  private final String base;

  /**
   * The tree over a directory.
   *
   * @param base the directory that stands for {@code /run}; another one only in tests
   */
  GuestTree(String base) {
    this.base = base;
  }

  // Each time anew: it is not mounted yet when the agent puts its parts together.
  private Descriptor base() {
    return Descriptor.open(base, OpenAccess.READ, OpenFlag.PATH, OpenFlag.DIRECTORY);
  }

  /**
   * A path's names below {@code /run}, at least one.
   *
   * @param tried what is tried, for the error
   * @throws dev.casemate.model.CasemateException INVALID_ARGUMENT unless the path is absolute,
   *     canonical (no empty name, no {@code .}, no {@code ..}), below {@code /run} and not one of
   *     the agent's own
   */
  static List<String> names(String path, String tried) {
    if (path.length() > MAX_PATH || !path.startsWith(BASE) || path.indexOf('\0') >= 0) {
      throw RequestError.invalid(tried, "the path is not below /run");
    }
    List<String> names = new ArrayList<>();
    int start = BASE.length();
    for (int i = start; i <= path.length(); i++) {
      if (i < path.length() && path.charAt(i) != '/') {
        continue;
      }
      String name = path.substring(start, i);
      if (name.isEmpty() || name.equals(".") || name.equals("..") || name.length() > MAX_NAME) {
        throw RequestError.invalid(tried, "the path is not canonical");
      }
      names.add(name);
      start = i + 1;
    }
    if (RESERVED.contains(names.getFirst())) {
      throw RequestError.invalid(tried, "/run/" + names.getFirst() + " is the agent's own");
    }
    return names;
  }

  /**
   * Opens a directory, making what is missing.
   *
   * @param names of each directory on the way, from {@link #names}; empty for {@code /run} itself
   * @param mode permission bits of the directories made
   */
  Descriptor directory(List<String> names, int mode) {
    Descriptor current = base();
    for (String name : names) {
      try {
        Descriptor next = child(current, name, mode);
        current.close();
        current = next;
      } catch (RuntimeException e) {
        current.close();
        throw e;
      }
    }
    return current;
  }

  private static Descriptor child(Descriptor parent, String name, int mode) {
    try {
      return open(parent, name, OpenFlag.DIRECTORY);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
    try {
      Filesystem.makeDirectoryAt(parent, name, mode);
    } catch (LinuxException e) {
      // Another request made it meanwhile.
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
    return open(parent, name, OpenFlag.DIRECTORY);
  }

  /** A handle on a regular file, made empty when it is missing, to mount upon. */
  Descriptor file(List<String> names) {
    try (Descriptor parent = directory(names.subList(0, names.size() - 1), PLACE_MODE)) {
      Filesystem.openIn(
              parent,
              names.getLast(),
              STRICT,
              OpenAccess.READ,
              FILE_MODE,
              OpenFlag.CREATE,
              OpenFlag.NON_BLOCKING)
          .close();
    }
    return handle(names);
  }

  /** A handle on what is at the path, which must exist and be reached without a symbolic link. */
  Descriptor handle(List<String> names) {
    try (Descriptor from = base()) {
      return open(from, String.join("/", names));
    }
  }

  /** Whether there is a directory at the path, reached without a symbolic link; enters it. */
  boolean isDirectory(List<String> names) {
    try (Descriptor from = base()) {
      open(from, String.join("/", names), OpenFlag.DIRECTORY).close();
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }

  private static Descriptor open(Descriptor from, String path, OpenFlag... more) {
    OpenFlag[] flags = new OpenFlag[more.length + 1];
    flags[0] = OpenFlag.PATH;
    System.arraycopy(more, 0, flags, 1, more.length);
    return Filesystem.openIn(from, path, STRICT, OpenAccess.READ, 0, flags);
  }
}
