package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.cli.line.ParsedLine;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonLimits;
import dev.casemate.model.oci.Capabilities;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Spec;
import dev.casemate.model.oci.User;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The process that {@code exec} is asked for: the content of the file of {@code --process}, or the
 * container's own process with what the flags change.
 */
final class ExecProcess {
  private static final long LARGEST_ID = 0xffff_ffffL;

  private ExecProcess() {}

  static ProcessSpec of(Invocation invocation, ContainerView container) {
    ParsedLine line = invocation.line();
    refuseHostOnly(line);
    if (line.has(Flags.PROCESS)) {
      Path file = Path.of(invocation.path(Flags.PROCESS, ""));
      return ProcessSpec.parse(
          Bundle.read(file, JsonLimits.OCI.bytes(), "read the process"), file.toString());
    }
    List<String> command = line.arguments().subList(1, line.arguments().size());
    if (command.isEmpty()) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "exec in container " + container.id(),
          "exec failed: process args cannot be empty",
          "name a command, or a file with --process");
    }
    Spec spec = Bundle.spec(container.bundle());
    List<String> environment = new ArrayList<>(spec.process().env());
    environment.addAll(line.list(Flags.ENV));
    ProcessSpec process = spec.process().withCommand(command, environment, line.has(Flags.TTY));
    if (line.has(Flags.CWD)) {
      process = process.withCwd(line.text(Flags.CWD));
    }
    if (line.has(Flags.USER) || line.has(Flags.ADDITIONAL_GIDS)) {
      process = process.withUser(user(line, process.user()));
    }
    if (line.has(Flags.CAP)) {
      process = process.withCapabilities(withMore(process.capabilities(), line.list(Flags.CAP)));
    }
    return line.has(Flags.NO_NEW_PRIVS) ? process.withNoNewPrivileges() : process;
  }

  /** What only the host's kernel could do is refused, not dropped. */
  private static void refuseHostOnly(ParsedLine line) {
    if (!line.text(Flags.APPARMOR).isEmpty()) {
      throw unsupported("--apparmor", "the guest's kernel has no AppArmor profiles");
    }
    if (!line.text(Flags.PROCESS_LABEL).isEmpty()) {
      throw unsupported("--process-label", "the guest's kernel has no SELinux policy");
    }
    if (line.has(Flags.CGROUP)) {
      throw unsupported("--cgroup", "the guest keeps one control group for a container");
    }
  }

  private static CasemateException unsupported(String flag, String why) {
    return new CasemateException(
        ErrorCode.UNSUPPORTED, "exec with " + flag, why, "leave " + flag + " away");
  }

  private static User user(ParsedLine line, User before) {
    long uid = before.uid();
    long gid = before.gid();
    if (line.has(Flags.USER)) {
      String text = line.text(Flags.USER);
      int colon = text.indexOf(':');
      uid = id(colon < 0 ? text : text.substring(0, colon));
      gid = colon < 0 ? gid : id(text.substring(colon + 1));
    }
    List<Long> groups = new ArrayList<>(before.additionalGids());
    for (String group : line.list(Flags.ADDITIONAL_GIDS)) {
      groups.add(id(group));
    }
    return new User(uid, gid, before.umask(), groups, before.username());
  }

  private static long id(String text) {
    try {
      long id = Long.parseLong(text);
      if (id >= 0 && id <= LARGEST_ID) {
        return id;
      }
    } catch (NumberFormatException _) {
      // Falls through.
    }
    throw new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "exec as another user",
        "'" + text + "' is no number from 0 to " + LARGEST_ID,
        "write --user UID:GID and --additional-gids GID");
  }

  private static Capabilities withMore(@Nullable Capabilities before, List<String> more) {
    if (before == null) {
      return new Capabilities(more, more, List.of(), more, more);
    }
    return new Capabilities(
        join(before.bounding(), more),
        join(before.effective(), more),
        before.inheritable(),
        join(before.permitted(), more),
        join(before.ambient(), more));
  }

  private static List<String> join(List<String> before, List<String> more) {
    List<String> all = new ArrayList<>(before);
    for (String capability : more) {
      if (!all.contains(capability)) {
        all.add(capability);
      }
    }
    return all;
  }
}
