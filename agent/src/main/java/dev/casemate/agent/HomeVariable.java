package dev.casemate.agent;

import dev.casemate.linux.Descriptor;
import dev.casemate.linux.Filesystem;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.OpenFlag;
import dev.casemate.linux.Resolve;
import dev.casemate.protocol.agent.Mount;
import dev.casemate.protocol.agent.Process;
import dev.casemate.protocol.agent.Spec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The variable {@code HOME} of a process that names none. crun takes it from the container's {@code
 * /etc/passwd}, but sets none when that file does not list the user; under runc it is {@code /}
 * then, and programs count on having one. Thread-safe.
 */
final class HomeVariable {
  private static final String NAME = "HOME=";
  private static final String LIST = "/etc/passwd";

  /** A list of users is read as far as this; whoever comes later counts as listed. */
  private static final int MAX_BYTES = 1 << 20;

  private final GuestTree tree;

  HomeVariable(GuestTree tree) {
    this.tree = tree;
  }

  /** The process of a container that has yet to be made, with the variable if it lacks it. */
  Process ofFirst(Spec spec) {
    Process process = spec.getProcess();
    if (isNamed(process)) {
      return process;
    }
    String place = "";
    String source = spec.getRoot().getPath();
    for (Mount mount : spec.getMountsList()) {
      String destination = withoutSlashAtEnd(mount.getDestination());
      if (LIST.equals(destination) || LIST.startsWith(destination + "/")) {
        place = destination;
        source = isBind(mount) ? mount.getSource() : "";
      }
    }
    if (source.isEmpty()) {
      return process;
    }
    List<String> names = GuestTree.names(source, "look for " + LIST);
    try (Descriptor base = tree.handle(names)) {
      return withHome(process, base, LIST.substring(place.length()));
    } catch (LinuxException e) {
      return process;
    }
  }

  /**
   * A further process with the variable if it lacks it.
   *
   * @param first a process that runs in the container
   */
  static Process ofFurther(Process process, int first) {
    if (isNamed(process)) {
      return process;
    }
    OpenFlag[] place = {OpenFlag.PATH, OpenFlag.DIRECTORY};
    try (Descriptor root = Descriptor.open("/proc/" + first + "/root", OpenAccess.READ, place)) {
      return withHome(process, root, LIST);
    } catch (LinuxException e) {
      return process;
    }
  }

  private static boolean isNamed(Process process) {
    for (String variable : process.getEnvList()) {
      if (variable.startsWith(NAME)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBind(Mount mount) {
    return mount.getType().equals("bind")
        || mount.getOptionsList().contains("bind")
        || mount.getOptionsList().contains("rbind");
  }

  private static String withoutSlashAtEnd(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  /** Without a list, or with one that cannot be read, crun does as runc. */
  private static Process withHome(Process process, Descriptor base, String path) {
    String list;
    if (path.isEmpty()) {
      list = text(base);
    } else {
      // The container may have put any link there; none leads out of its tree.
      Set<Resolve> within = Set.of(Resolve.IN_ROOT, Resolve.NO_MAGIC_LINKS);
      try (Descriptor file =
          Filesystem.openIn(base, path, within, OpenAccess.READ, 0, OpenFlag.PATH)) {
        list = text(file);
      }
    }
    long uid = Integer.toUnsignedLong(process.getUser().getUID());
    boolean listed = list.length() == MAX_BYTES || lists(list, Long.toString(uid));
    return listed ? process : process.toBuilder().addEnv(NAME + "/").build();
  }

  private static String text(Descriptor handle) {
    if (!handle.status().isRegular()) {
      return "";
    }
    byte[] bytes = new byte[MAX_BYTES];
    int length = 0;
    try (Descriptor file = Descriptor.open(handle.path(), OpenAccess.READ, OpenFlag.NON_BLOCKING)) {
      int count = 0;
      while (count >= 0 && length < MAX_BYTES) {
        length += count;
        count = length == MAX_BYTES ? -1 : file.read(bytes, length, MAX_BYTES - length);
      }
    }
    return new String(Arrays.copyOf(bytes, length), StandardCharsets.ISO_8859_1);
  }

  /** Whether a line's third field is the number: {@code name:password:uid:…}, passwd(5). */
  static boolean lists(String list, String uid) {
    for (String line : CgroupFiles.lines(list)) {
      int first = line.indexOf(':');
      int second = line.indexOf(':', first + 1);
      int third = line.indexOf(':', second + 1);
      if (first >= 0
          && second > first
          && third > second
          && line.substring(second + 1, third).equals(uid)) {
        return true;
      }
    }
    return false;
  }
}
