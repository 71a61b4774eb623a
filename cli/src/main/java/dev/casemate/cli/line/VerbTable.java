package dev.casemate.cli.line;

import static dev.casemate.cli.line.FlagOrder.ANYWHERE;
import static dev.casemate.cli.line.FlagOrder.ANYWHERE_UNLESS_IMAGE;
import static dev.casemate.cli.line.FlagOrder.BEFORE_ARGUMENTS;
import static dev.casemate.cli.line.VerbSpec.UNLIMITED;

import java.util.List;

/**
 * The table: each verb with its flags. Parser, help, completion and manual are made from it and
 * from nothing else, so they cannot drift apart. Names and letters are those of runc 1.1, since
 * that is what engines call.
 */
public final class VerbTable {
  private static final String ID = "CONTAINER";

  private VerbTable() {}

  /** The flags before the verb. */
  public static List<Flag> globalFlags() {
    return List.of(
        Flags.DEBUG,
        Flags.LOG,
        Flags.LOG_FORMAT,
        Flags.ROOT,
        Flags.CRIU,
        Flags.SYSTEMD_CGROUP,
        Flags.ROOTLESS,
        Flags.HELP,
        Flags.VERSION);
  }

  /** What the line of one verb looks like. Built on each call: a process asks once. */
  public static VerbSpec spec(Verb verb) {
    return switch (verb) {
      case CREATE -> create();
      case START, STATE, PAUSE, RESUME -> plain(verb);
      case KILL -> kill();
      case DELETE -> delete();
      case EXEC -> exec();
      case RUN -> run();
      case LIST -> list();
      case PS -> ps();
      case UPDATE -> update();
      case EVENTS -> events();
      case SPEC -> spec();
      case FEATURES -> features();
      case CHECKPOINT -> checkpoint();
      case RESTORE -> restore();
      case CHECK, CONFIG -> peoples(verb);
      case HELP, COMPLETION, MAN, REHEARSE, MONITOR -> aboutItself(verb);
    };
  }

  private static VerbSpec create() {
    return new VerbSpec(
        Verb.CREATE,
        ID,
        1,
        1,
        ANYWHERE,
        "boot a virtual machine and prepare a container in it",
        """
        Boots a virtual machine for the bundle and prepares the container in it. The program of \
        the bundle runs when the container is started.

        The process in the pid file is a real process of this host. It lives exactly as long as \
        the container, in the container's network namespace, and ends with its status.\
        """,
        List.of(
            Flags.BUNDLE,
            Flags.CONSOLE_SOCKET,
            Flags.PID_FILE,
            Flags.NO_PIVOT,
            Flags.NO_NEW_KEYRING,
            Flags.PRESERVE_FDS));
  }

  private static VerbSpec plain(Verb verb) {
    String summary;
    String description;
    if (verb == Verb.START) {
      summary = "run the program of a created container";
      description = "Lets the program of a container run that was made by create.";
    } else if (verb == Verb.STATE) {
      summary = "print the state of a container as JSON";
      description = "Prints the OCI state: version, id, pid, status, bundle, root file system.";
    } else if (verb == Verb.PAUSE) {
      summary = "freeze all processes of a container";
      description = "Freezes every process of the container until it is resumed.";
    } else {
      summary = "let the processes of a paused container run on";
      description = "Undoes pause.";
    }
    return new VerbSpec(verb, ID, 1, 1, ANYWHERE, summary, description, List.of());
  }

  private static VerbSpec kill() {
    return new VerbSpec(
        Verb.KILL,
        ID + " [SIGNAL]",
        1,
        2,
        ANYWHERE,
        "send a signal to the first process of a container",
        """
        Sends a signal, by name (TERM, SIGTERM) or number (15). Without one it is TERM. KILL works \
        even if the guest no longer answers.\
        """,
        List.of(Flags.ALL));
  }

  private static VerbSpec delete() {
    return new VerbSpec(
        Verb.DELETE,
        ID,
        1,
        1,
        ANYWHERE,
        "remove a container and all that belongs to it",
        """
        Removes a stopped or never started container: its virtual machine, control group, sockets \
        and state. With --force it is killed first, and a container that does not exist is no \
        error.\
        """,
        List.of(Flags.FORCE));
  }

  private static VerbSpec exec() {
    return new VerbSpec(
        Verb.EXEC,
        ID + " COMMAND [ARGUMENT...] | --process FILE " + ID,
        1,
        UNLIMITED,
        BEFORE_ARGUMENTS,
        "run a further process in a container",
        """
        Runs a process in a running container, from the command line or as described by a file. \
        Ends with the status of the process; 255 if it could not be run.\
        """,
        List.of(
            Flags.CONSOLE_SOCKET,
            Flags.CWD,
            Flags.ENV,
            Flags.TTY,
            Flags.USER,
            Flags.ADDITIONAL_GIDS,
            Flags.PROCESS,
            Flags.DETACH,
            Flags.PID_FILE,
            Flags.PROCESS_LABEL,
            Flags.APPARMOR,
            Flags.NO_NEW_PRIVS,
            Flags.CAP,
            Flags.PRESERVE_FDS,
            Flags.CGROUP,
            Flags.IGNORE_PAUSED));
  }

  private static VerbSpec run() {
    return new VerbSpec(
        Verb.RUN,
        ID + " | --image IMAGE [COMMAND [ARGUMENT...]]",
        0,
        UNLIMITED,
        ANYWHERE_UNLESS_IMAGE,
        "create, start and wait for a container, then delete it",
        """
        Runs the container of a bundle to its end and ends with its status. Signals are passed on.

        With --image no bundle is needed: the image is unpacked for this one run, or the root file \
        system directory is used below a layer that takes the writes, and both are gone \
        afterwards. Arguments after the first that is no flag are the command.\
        """,
        List.of(
            Flags.BUNDLE,
            Flags.CONSOLE_SOCKET,
            Flags.DETACH,
            Flags.KEEP,
            Flags.PID_FILE,
            Flags.NO_SUBREAPER,
            Flags.NO_PIVOT,
            Flags.NO_NEW_KEYRING,
            Flags.PRESERVE_FDS,
            Flags.IMAGE,
            Flags.INTERACTIVE,
            Flags.TTY,
            Flags.ENV,
            Flags.VOLUME,
            Flags.WORKDIR,
            Flags.RUN_USER,
            Flags.RUN_MEMORY,
            Flags.CPUS,
            Flags.NAME,
            Flags.HOSTNAME,
            Flags.READ_ONLY,
            Flags.RW,
            Flags.ENTRYPOINT,
            Flags.TIMING));
  }

  private static VerbSpec list() {
    return new VerbSpec(
        Verb.LIST,
        "",
        0,
        0,
        ANYWHERE,
        "list the containers below the root directory",
        "Lists every container whose state is below the directory that --root names.",
        List.of(Flags.FORMAT, Flags.QUIET));
  }

  private static VerbSpec ps() {
    return new VerbSpec(
        Verb.PS,
        ID + " [PS OPTION...]",
        1,
        UNLIMITED,
        BEFORE_ARGUMENTS,
        "list the processes of a container",
        """
        Lists the processes that run in the container, with the pids that they have in the guest. \
        With --format json it prints the pids of their stand-ins on the host, which is where \
        engines look. Options of ps are accepted and ignored: the host's ps cannot see into a \
        machine.\
        """,
        List.of(Flags.FORMAT));
  }

  private static VerbSpec update() {
    return new VerbSpec(
        Verb.UPDATE,
        ID,
        1,
        1,
        ANYWHERE,
        "change the limits of a container",
        """
        Changes limits of a container that exists. The file of --resources is an OCI \
        linux.resources object; what it leaves out stays as it is.\
        """,
        List.of(
            Flags.RESOURCES,
            Flags.BLKIO_WEIGHT,
            Flags.CPU_PERIOD,
            Flags.CPU_QUOTA,
            Flags.CPU_SHARE,
            Flags.CPU_RT_PERIOD,
            Flags.CPU_RT_RUNTIME,
            Flags.CPUSET_CPUS,
            Flags.CPUSET_MEMS,
            Flags.MEMORY,
            Flags.MEMORY_RESERVATION,
            Flags.MEMORY_SWAP,
            Flags.PIDS_LIMIT,
            Flags.L3_CACHE_SCHEMA,
            Flags.MEM_BW_SCHEMA));
  }

  private static VerbSpec events() {
    return new VerbSpec(
        Verb.EVENTS,
        ID,
        1,
        1,
        ANYWHERE,
        "print statistics and out-of-memory notices of a container",
        "Prints one JSON object a line until the container ends, or once with --stats.",
        List.of(Flags.INTERVAL, Flags.STATS));
  }

  private static VerbSpec spec() {
    return new VerbSpec(
        Verb.SPEC,
        "",
        0,
        0,
        ANYWHERE,
        "write a config.json to start from",
        """
        Writes a config.json that runs sh on a terminal in the directory rootfs. Edit it before \
        use. A file that exists is left alone.\
        """,
        List.of(Flags.SPEC_BUNDLE, Flags.SPEC_ROOTLESS));
  }

  private static VerbSpec features() {
    return new VerbSpec(
        Verb.FEATURES,
        "",
        0,
        UNLIMITED,
        ANYWHERE,
        "print what this runtime supports as JSON",
        "Prints the features structure of the OCI runtime specification.",
        List.of());
  }

  private static VerbSpec checkpoint() {
    return new VerbSpec(
        Verb.CHECKPOINT,
        ID,
        0,
        UNLIMITED,
        ANYWHERE,
        "not supported",
        "Refused: the processes of a virtual machine cannot be checkpointed from the host.",
        List.of(
            criuText("image-path"),
            criuText("work-path"),
            criuText("parent-path"),
            criuSwitch("leave-running"),
            criuSwitch("tcp-established"),
            criuSwitch("ext-unix-sk"),
            criuSwitch("shell-job"),
            criuSwitch("lazy-pages"),
            criuText("status-fd"),
            criuText("page-server"),
            criuSwitch("file-locks"),
            criuSwitch("pre-dump"),
            criuText("manage-cgroups-mode"),
            criuText("empty-ns"),
            criuSwitch("auto-dedup")));
  }

  private static VerbSpec restore() {
    return new VerbSpec(
        Verb.RESTORE,
        ID,
        0,
        UNLIMITED,
        ANYWHERE,
        "not supported",
        "Refused, as checkpoint is.",
        List.of(
            criuText("console-socket"),
            criuText("image-path"),
            criuText("work-path"),
            criuSwitch("tcp-established"),
            criuSwitch("ext-unix-sk"),
            criuSwitch("shell-job"),
            criuSwitch("file-locks"),
            criuText("manage-cgroups-mode"),
            criuText("bundle").alias("b"),
            criuSwitch("detach").alias("d"),
            criuText("pid-file"),
            criuSwitch("no-subreaper"),
            criuSwitch("no-pivot"),
            criuText("empty-ns"),
            criuSwitch("auto-dedup"),
            criuSwitch("lazy-pages"),
            criuText("lsm-profile"),
            criuText("lsm-mount-context")));
  }

  private static Flag criuText(String name) {
    return Flag.of(name, FlagKind.TEXT, "parsed, then refused with the verb");
  }

  private static Flag criuSwitch(String name) {
    return Flag.of(name, FlagKind.SWITCH, "parsed, then refused with the verb");
  }

  private static VerbSpec peoples(Verb verb) {
    if (verb == Verb.CHECK) {
      return new VerbSpec(
          verb,
          "",
          0,
          0,
          ANYWHERE,
          "look whether this host can run virtual machines",
          """
          Looks for the virtual machine monitor, the file daemon, a guest image, KVM, control groups \
          and free space, and says for each what it found and what to do. Ends with 1 if \
          something that is needed is missing.\
          """,
          List.of());
    }
    return new VerbSpec(
        verb,
        "",
        0,
        0,
        ANYWHERE,
        "print the configuration that is in effect",
        "Prints each setting with its value and where the value came from.",
        List.of());
  }

  private static VerbSpec aboutItself(Verb verb) {
    if (verb == Verb.HELP) {
      return new VerbSpec(
          verb, "[COMMAND]", 0, 1, ANYWHERE, "print help for a command", "", List.of());
    }
    if (verb == Verb.COMPLETION) {
      return new VerbSpec(
          verb, "bash|zsh|fish", 1, 1, ANYWHERE, "print a completion script", "", List.of());
    }
    if (verb == Verb.MAN) {
      return new VerbSpec(
          verb, "DIRECTORY", 1, 1, ANYWHERE, "write the manual pages", "", List.of());
    }
    if (verb == Verb.REHEARSE) {
      return new VerbSpec(
          verb, "cli|monitor", 1, 1, ANYWHERE, "record what a cache shall hold", "", List.of());
    }
    return new VerbSpec(verb, "", 0, UNLIMITED, BEFORE_ARGUMENTS, "own a sandbox", "", List.of());
  }
}
