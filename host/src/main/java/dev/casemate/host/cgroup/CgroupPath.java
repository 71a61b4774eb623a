package dev.casemate.host.cgroup;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way from a hierarchy's root to a control group.
 *
 * @param names the directories, outermost first, at least one
 */
record CgroupPath(List<String> names) {
  /** The parent of the groups that nobody asked to be elsewhere. */
  static final String OWN = "casemate";

  // Linux: NAME_MAX.
  private static final int LONGEST_NAME = 255;

  CgroupPath {
    names = List.copyOf(names);
  }

  /**
   * The path that a configuration asks for: {@code /a/b}; {@code a.slice:prefix:name}, which
   * systemd keeps in {@code /a.slice/prefix-name.scope}; or nothing, which means {@code
   * /casemate/ID}. A path without a slash at its beginning counts from the root, too.
   */
  static CgroupPath of(@Nullable String cgroupsPath, ContainerId id) {
    if (cgroupsPath == null || cgroupsPath.isEmpty()) {
      return new CgroupPath(List.of(OWN, id.value()));
    }
    String[] systemd = cgroupsPath.split(":", -1);
    if (systemd.length == 3 && !cgroupsPath.startsWith("/")) {
      return systemd(cgroupsPath, systemd[0], systemd[1], systemd[2]);
    }
    return new CgroupPath(checked(cgroupsPath, List.of(cgroupsPath.split("/", -1))));
  }

  private static CgroupPath systemd(String whole, String slice, String prefix, String name) {
    List<String> names = new ArrayList<>();
    String innermost = slice.isEmpty() ? "system.slice" : slice;
    // systemd.slice(5): a-b.slice lies in a.slice.
    for (int dash = innermost.indexOf('-'); dash > 0; dash = innermost.indexOf('-', dash + 1)) {
      names.add(innermost.substring(0, dash) + ".slice");
    }
    if (!innermost.equals("-.slice")) {
      names.add(innermost);
    }
    if (name.endsWith(".slice")) {
      names.add(name);
    } else {
      names.add(prefix.isEmpty() ? name + ".scope" : prefix + "-" + name + ".scope");
    }
    return new CgroupPath(checked(whole, names));
  }

  private static List<String> checked(String whole, List<String> names) {
    List<String> checked = new ArrayList<>();
    for (String name : names) {
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..") || name.indexOf('/') >= 0 || name.length() > LONGEST_NAME) {
        throw wrong(whole, "it has a part that is no name of a control group");
      }
      checked.add(name);
    }
    if (checked.isEmpty()) {
      throw wrong(whole, "it names the root, which holds everything of the host");
    }
    return checked;
  }

  private static CasemateException wrong(String whole, String why) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "use linux.cgroupsPath '" + whole + "'",
        why,
        "write it as /parent/name or slice:prefix:name");
  }
}
