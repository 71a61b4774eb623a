package dev.casemate.agent;

import dev.casemate.linux.MountFlag;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Mount options as {@code mount(8)} takes them, sorted into what {@code mount(2)} wants: flags, and
 * the rest as the file system's own options. A later option overrides an earlier one. Immutable.
 *
 * @param flags of the mount
 * @param data the file system's options, in order
 */
record MountOptions(Set<MountFlag> flags, List<String> data) {
  // The kernel copies one page.
  private static final int MAX_DATA = 4095;

  MountOptions {
    flags = Set.copyOf(flags);
    data = List.copyOf(data);
  }

  /**
   * Sorts the options; an element may itself hold several, separated by commas.
   *
   * @throws dev.casemate.model.CasemateException INVALID_ARGUMENT when the file system's own
   *     options exceed a page or hold a NUL
   */
  static MountOptions parse(List<String> options) {
    EnumSet<MountFlag> flags = EnumSet.noneOf(MountFlag.class);
    List<String> data = new ArrayList<>();
    int length = 0;
    for (String element : options) {
      int start = 0;
      for (int i = 0; i <= element.length(); i++) {
        if (i < element.length() && element.charAt(i) != ',') {
          continue;
        }
        String option = element.substring(start, i);
        start = i + 1;
        if (!option.isEmpty() && !flag(option, flags)) {
          data.add(option);
          length += option.length() + 1;
        }
      }
    }
    if (length > MAX_DATA || String.join(",", data).indexOf('\0') >= 0) {
      throw RequestError.invalid("mount a storage", "its options are no text of at most a page");
    }
    return new MountOptions(flags, data);
  }

  /** The file system's options in one word. */
  String joinedData() {
    return String.join(",", data);
  }

  /** The value of {@code name=value} among the file system's options, or empty. */
  String value(String name) {
    String found = "";
    for (String option : data) {
      if (option.startsWith(name) && option.length() > name.length()) {
        if (option.charAt(name.length()) == '=') {
          found = option.substring(name.length() + 1);
        }
      }
    }
    return found;
  }

  private record Change(Set<MountFlag> set, Set<MountFlag> clear) {}

  private static final Map<String, Change> CHANGES = changes();

  private static Map<String, Change> changes() {
    Map<String, Change> table = new HashMap<>();
    table.put("defaults", new Change(Set.of(), Set.of()));
    pair(table, "ro", "rw", MountFlag.READ_ONLY);
    pair(table, "nosuid", "suid", MountFlag.NO_SUID);
    pair(table, "nodev", "dev", MountFlag.NO_DEVICES);
    pair(table, "noexec", "exec", MountFlag.NO_EXEC);
    pair(table, "sync", "async", MountFlag.SYNCHRONOUS);
    pair(table, "noatime", "atime", MountFlag.NO_ACCESS_TIME);
    pair(table, "nodiratime", "diratime", MountFlag.NO_DIRECTORY_ACCESS_TIME);
    pair(table, "relatime", "norelatime", MountFlag.RELATIVE_ACCESS_TIME);
    pair(table, "strictatime", "nostrictatime", MountFlag.STRICT_ACCESS_TIME);
    pair(table, "lazytime", "nolazytime", MountFlag.LAZY_TIME);
    pair(table, "silent", "loud", MountFlag.SILENT);
    pair(table, "nosymfollow", "symfollow", MountFlag.NO_SYMBOLIC_LINKS);
    table.put("dirsync", new Change(Set.of(MountFlag.DIRECTORY_SYNCHRONOUS), Set.of()));
    table.put("remount", new Change(Set.of(MountFlag.REMOUNT), Set.of()));
    table.put("bind", new Change(Set.of(MountFlag.BIND), Set.of()));
    table.put("rbind", new Change(Set.of(MountFlag.BIND, MountFlag.RECURSIVE), Set.of()));
    return table;
  }

  private static void pair(Map<String, Change> table, String on, String off, MountFlag flag) {
    table.put(on, new Change(Set.of(flag), Set.of()));
    table.put(off, new Change(Set.of(), Set.of(flag)));
  }

  /** Applies the option when it is about flags; false when it is the file system's own. */
  private static boolean flag(String option, Set<MountFlag> flags) {
    Change change = CHANGES.get(option);
    if (change == null) {
      return false;
    }
    flags.addAll(change.set());
    flags.removeAll(change.clear());
    return true;
  }
}
