package dev.casemate.host.control;

import dev.casemate.model.oci.Namespace;
import dev.casemate.model.oci.NamespaceType;
import dev.casemate.model.oci.Spec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The argument vector of a stand-in: a shell in the sandbox's namespaces, in a session of its own.
 */
public final class StandInCommand {
  /**
   * Whoever enters the mount namespace of a container's process to read its {@code /proc}, as
   * {@code podman top} does, must not take the host's processes for the container's. With these
   * options of mount(8) there are none; mounts and unmounts of the host go on to be seen.
   */
  private static final String WITHOUT_PROC =
      "mount -t tmpfs -o ro,nosuid,nodev,noexec,size=4k,mode=555 none /proc && exec \"$@\"";

  private StandInCommand() {}

  /**
   * For a container's first process: joins the namespaces that its configuration names, the
   * sandbox's network, and makes those others that it wants new. Its processes and mounts live in
   * the guest; network, host name and IPC are what callers look for on the host. The mounts that it
   * sees are the host's, but for {@code /proc}, which is empty.
   *
   * @param home the installation's directory
   */
  public static List<String> first(Path home, Spec spec, StandInPlace place) {
    List<String> join = new ArrayList<>();
    List<String> make = new ArrayList<>(List.of("--mount", "--propagation=slave"));
    for (Namespace namespace : spec.linux().namespaces()) {
      String option = option(namespace.type());
      if (option.isEmpty()) {
        continue;
      }
      if (namespace.path() != null) {
        join.add(option + "=" + namespace.path());
      } else if (namespace.type() == NamespaceType.NETWORK) {
        join.add(option + "=" + place.network());
      } else {
        make.add(option);
      }
    }
    List<String> command = new ArrayList<>();
    if (!join.isEmpty()) {
      command.add("nsenter");
      command.addAll(join);
      command.add("--");
    }
    command.add("unshare");
    command.addAll(make);
    command.addAll(List.of("--", "sh", "-c", WITHOUT_PROC, "sh"));
    addShell(command, home, place.fifos());
    return command;
  }

  /**
   * For a further process: joins the namespaces of the first one's stand-in.
   *
   * @param first the first one's stand-in
   */
  public static List<String> further(Path home, long first, StandInFifos fifos) {
    List<String> command = new ArrayList<>();
    command.add("nsenter");
    command.add("--target=" + first);
    command.add("--net");
    command.add("--uts");
    command.add("--ipc");
    command.add("--");
    addShell(command, home, fifos);
    return command;
  }

  private static void addShell(List<String> command, Path home, StandInFifos fifos) {
    command.add("setsid");
    // A shell cannot trap what it was started to ignore, as nohup and background jobs have it.
    command.add("env");
    command.add("--default-signal");
    command.add("sh");
    command.add(home.resolve("libexec/stand-in").toString());
    command.add(fifos.orders().toString());
    command.add(fifos.reports().toString());
  }

  /** The option of nsenter(1) and unshare(1), empty for a type that means nothing on the host. */
  private static String option(NamespaceType type) {
    return switch (type) {
      case NETWORK -> "--net";
      case UTS -> "--uts";
      case IPC -> "--ipc";
      case PID, MOUNT, USER, CGROUP, TIME -> "";
    };
  }
}
