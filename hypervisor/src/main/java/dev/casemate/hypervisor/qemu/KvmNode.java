package dev.casemate.hypervisor.qemu;

import dev.casemate.core.VmmCredentials;
import dev.casemate.hypervisor.Confinement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The device node of KVM and who may open it. A VMM's own user never may by itself; it is put into
 * the node's group where that group may read and write.
 */
record KvmNode(Path path, boolean present, int mode, int uid, int gid) {
  static final Path USUAL = Path.of("/dev/kvm");

  private static final int OTHERS_READ_WRITE = 0006;
  private static final int GROUP_READ_WRITE = 0060;
  private static final int PERMISSIONS = 0777;

  /** Looks at the node. */
  static KvmNode look(Path path) {
    try {
      Map<String, Object> values = Files.readAttributes(path, "unix:mode,uid,gid");
      return new KvmNode(
          path, true, value(values, "mode"), value(values, "uid"), value(values, "gid"));
    } catch (IOException e) {
      return new KvmNode(path, false, 0, 0, 0);
    }
  }

  private static int value(Map<String, Object> values, String name) {
    return values.get(name) instanceof Integer i ? i : 0;
  }

  private boolean has(int permissions) {
    return (mode & permissions) == permissions;
  }

  /** Whether a VMM of that identity can open it, with the group if need be. */
  boolean usableBy(VmmCredentials who) {
    return present
        && (who.uid() == 0 || has(OTHERS_READ_WRITE) || (has(GROUP_READ_WRITE) && gid != 0));
  }

  /** The confinement of a VMM of that identity; with the node's group only if it is needed. */
  Confinement confine(VmmCredentials who) {
    if (who.uid() == 0) {
      return new Confinement.Privileged();
    }
    boolean group = present && !has(OTHERS_READ_WRITE) && has(GROUP_READ_WRITE) && gid != 0;
    return new Confinement.Unprivileged(who, group ? List.of(gid) : List.of());
  }

  /** Why it cannot be used, for people. */
  String describe() {
    return present
        ? path
            + " has mode 0"
            + Integer.toOctalString(mode & PERMISSIONS)
            + " and group "
            + gid
            + ", so the VMM's own user cannot open it (chgrp kvm, chmod 0660)"
        : "there is no " + path;
  }
}
