package dev.casemate.cli.line;

/**
 * Every flag that there is. Verbs ask a {@link ParsedLine} for these constants, so that a flag that
 * no verb declares cannot be asked for.
 */
public final class Flags {
  // Global flags, before the verb.
  /** More detail in the log. */
  public static final Flag DEBUG = Flag.of("debug", FlagKind.SWITCH, "log at debug level");

  /** Where errors are logged. */
  public static final Flag LOG =
      Flag.of("log", FlagKind.PATH, "append log lines to this file instead of standard error");

  /** How they are logged. */
  public static final Flag LOG_FORMAT =
      Flag.of("log-format", FlagKind.TEXT, "shape of a log line")
          .oneOf("text", "json")
          .byDefault("text");

  /** Where the state is. */
  public static final Flag ROOT =
      Flag.of("root", FlagKind.PATH, "directory that holds the state of containers, best on tmpfs")
          .byDefault("/run/casemate/containers");

  /** Accepted for callers' sake. */
  public static final Flag CRIU =
      Flag.of("criu", FlagKind.TEXT, "accepted and ignored: machines are not checkpointed by criu");

  /** Cgroups through systemd. */
  public static final Flag SYSTEMD_CGROUP =
      Flag.of("systemd-cgroup", FlagKind.SWITCH, "read cgroupsPath as slice:prefix:name");

  /** Accepted for callers' sake. */
  public static final Flag ROOTLESS =
      Flag.of("rootless", FlagKind.TEXT, "a machine needs root on the host, so 'true' is refused")
          .oneOf("true", "false", "auto")
          .byDefault("auto");

  /** Help. */
  public static final Flag HELP = Flag.of("help", FlagKind.SWITCH, "print help").alias("h");

  /** Version. */
  public static final Flag VERSION =
      Flag.of("version", FlagKind.SWITCH, "print the version").alias("v");

  // Creating.
  /** The bundle. */
  public static final Flag BUNDLE =
      Flag.of("bundle", FlagKind.PATH, "the bundle, a directory with config.json")
          .alias("b")
          .byDefault("the current directory");

  /** Receives the terminal. */
  public static final Flag CONSOLE_SOCKET =
      Flag.of(
          "console-socket",
          FlagKind.PATH,
          "Unix socket to send the master end of the process's terminal to");

  /** Receives the pid. */
  public static final Flag PID_FILE =
      Flag.of("pid-file", FlagKind.PATH, "write the pid of the process's stand-in to this file");

  /** No effect. */
  public static final Flag NO_PIVOT =
      Flag.of("no-pivot", FlagKind.SWITCH, "accepted and ignored: the guest has its own root");

  /** No effect. */
  public static final Flag NO_NEW_KEYRING =
      Flag.of(
          "no-new-keyring",
          FlagKind.SWITCH,
          "accepted and ignored: the guest shares no keyring with the host");

  /** No effect. */
  public static final Flag NO_SUBREAPER =
      Flag.of("no-subreaper", FlagKind.SWITCH, "accepted and ignored: no subreaper is used");

  /** Cannot be honoured. */
  public static final Flag PRESERVE_FDS =
      Flag.of(
              "preserve-fds",
              FlagKind.NUMBER,
              "only 0 is possible: a descriptor of the host cannot enter a machine")
          .byDefault("0");

  /** Do not wait. */
  public static final Flag DETACH =
      Flag.of("detach", FlagKind.SWITCH, "return once the process runs").alias("d");

  /** Do not delete. */
  public static final Flag KEEP =
      Flag.of("keep", FlagKind.SWITCH, "do not delete the container when it has ended");

  // Running an image.
  /** What to run. */
  public static final Flag IMAGE =
      Flag.of(
          "image",
          FlagKind.PATH,
          "run this: an OCI layout directory (DIR or DIR:TAG), an oci-archive or docker-archive"
              + " tar, or a root file system directory");

  /** Keep standard input open. */
  public static final Flag INTERACTIVE =
      Flag.of("interactive", FlagKind.SWITCH, "with --image: pass standard input on").alias("i");

  /** A terminal. */
  public static final Flag TTY =
      Flag.of("tty", FlagKind.SWITCH, "give the process a terminal").alias("t");

  /** Environment. */
  public static final Flag ENV =
      Flag.of("env", FlagKind.LIST, "set an environment variable, NAME=VALUE").alias("e");

  /** Bind mounts. */
  public static final Flag VOLUME =
      Flag.of("volume", FlagKind.LIST, "with --image: share SOURCE:DESTINATION[:ro]").alias("v");

  /** Working directory. */
  public static final Flag WORKDIR =
      Flag.of("workdir", FlagKind.TEXT, "with --image: working directory of the process")
          .alias("w");

  /** User of an image. */
  public static final Flag RUN_USER =
      Flag.of("user", FlagKind.TEXT, "with --image: user or uid[:group or gid]").alias("u");

  /** Memory of the machine. */
  public static final Flag RUN_MEMORY =
      Flag.of("memory", FlagKind.TEXT, "with --image: memory limit, such as 512m or 2g").alias("m");

  /** CPUs of the machine. */
  public static final Flag CPUS =
      Flag.of("cpus", FlagKind.TEXT, "with --image: CPU limit, such as 2 or 0.5");

  /** The id. */
  public static final Flag NAME =
      Flag.of("name", FlagKind.TEXT, "with --image: id of the container").byDefault("a new one");

  /** Host name. */
  public static final Flag HOSTNAME =
      Flag.of("hostname", FlagKind.TEXT, "with --image: host name").byDefault("the id");

  /** Read-only root. */
  public static final Flag READ_ONLY =
      Flag.of("read-only", FlagKind.SWITCH, "with --image: mount the root file system read-only");

  /** Writes reach the user's directory. */
  public static final Flag RW =
      Flag.of(
          "rw",
          FlagKind.SWITCH,
          "with --image ROOTFS_DIR: let the container change that directory itself");

  /** Other entry point. */
  public static final Flag ENTRYPOINT =
      Flag.of("entrypoint", FlagKind.TEXT, "with --image: program instead of the image's own");

  /** Times of phases. */
  public static final Flag TIMING =
      Flag.of("timing", FlagKind.SWITCH, "print how long each phase took");

  // Exec.
  /** Working directory. */
  public static final Flag CWD =
      Flag.of("cwd", FlagKind.TEXT, "working directory of the process in the container");

  /** Uid and gid. */
  public static final Flag USER =
      Flag.of("user", FlagKind.TEXT, "uid[:gid] of the process").alias("u");

  /** Groups. */
  public static final Flag ADDITIONAL_GIDS =
      Flag.of("additional-gids", FlagKind.LIST, "a further group id").alias("g");

  /** Whole process. */
  public static final Flag PROCESS =
      Flag.of("process", FlagKind.PATH, "file with the process as JSON").alias("p");

  /** SELinux. */
  public static final Flag PROCESS_LABEL =
      Flag.of("process-label", FlagKind.TEXT, "SELinux label of the process");

  /** AppArmor. */
  public static final Flag APPARMOR =
      Flag.of("apparmor", FlagKind.TEXT, "AppArmor profile of the process");

  /** No new privileges. */
  public static final Flag NO_NEW_PRIVS =
      Flag.of("no-new-privs", FlagKind.SWITCH, "the process can gain no privileges");

  /** Capability. */
  public static final Flag CAP =
      Flag.of("cap", FlagKind.LIST, "add a capability for the process").alias("c");

  /** Sub-cgroup. */
  public static final Flag CGROUP =
      Flag.of(
          "cgroup", FlagKind.LIST, "run in this sub-cgroup of the container, [CONTROLLER:]PATH");

  /** Even when paused. */
  public static final Flag IGNORE_PAUSED =
      Flag.of("ignore-paused", FlagKind.SWITCH, "also in a paused container");

  // Kill, delete.
  /** Every process. */
  public static final Flag ALL =
      Flag.of("all", FlagKind.SWITCH, "signal every process of the container").alias("a");

  /** Whatever the state. */
  public static final Flag FORCE =
      Flag.of("force", FlagKind.SWITCH, "kill it first if it still runs; succeed if it is gone")
          .alias("f");

  // List, ps.
  /** Table or JSON. */
  public static final Flag FORMAT =
      Flag.of("format", FlagKind.TEXT, "shape of the output")
          .alias("f")
          .oneOf("table", "json")
          .byDefault("table");

  /** Ids only. */
  public static final Flag QUIET = Flag.of("quiet", FlagKind.SWITCH, "print ids only").alias("q");

  // Events.
  /** Time between two. */
  public static final Flag INTERVAL =
      Flag.of("interval", FlagKind.DURATION, "time between two statistics").byDefault("5s");

  /** Once. */
  public static final Flag STATS =
      Flag.of("stats", FlagKind.SWITCH, "print statistics once, then end");

  // Update.
  /** From a file. */
  public static final Flag RESOURCES =
      Flag.of(
              "resources",
              FlagKind.PATH,
              "file with the resources as JSON, or - for standard input; other flags are ignored")
          .alias("r");

  /** Block I/O weight. */
  public static final Flag BLKIO_WEIGHT =
      Flag.of("blkio-weight", FlagKind.NUMBER, "block I/O weight, 10 to 1000");

  /** CFS period. */
  public static final Flag CPU_PERIOD =
      Flag.of("cpu-period", FlagKind.NUMBER, "length of a CPU period in microseconds");

  /** CFS quota. */
  public static final Flag CPU_QUOTA =
      Flag.of("cpu-quota", FlagKind.NUMBER, "CPU time per period in microseconds, -1 for no limit");

  /** Shares. */
  public static final Flag CPU_SHARE =
      Flag.of("cpu-share", FlagKind.NUMBER, "CPU weight relative to other containers");

  /** Real-time period. */
  public static final Flag CPU_RT_PERIOD =
      Flag.of("cpu-rt-period", FlagKind.NUMBER, "length of a real-time period in microseconds");

  /** Real-time runtime. */
  public static final Flag CPU_RT_RUNTIME =
      Flag.of("cpu-rt-runtime", FlagKind.NUMBER, "real-time CPU time per period in microseconds");

  /** CPUs. */
  public static final Flag CPUSET_CPUS =
      Flag.of("cpuset-cpus", FlagKind.TEXT, "CPUs of the machine to use, such as 0-2,4");

  /** NUMA nodes. */
  public static final Flag CPUSET_MEMS =
      Flag.of("cpuset-mems", FlagKind.TEXT, "memory nodes of the machine to use");

  /** Memory limit. */
  public static final Flag MEMORY =
      Flag.of("memory", FlagKind.TEXT, "memory limit, such as 512m, -1 for none");

  /** Soft limit. */
  public static final Flag MEMORY_RESERVATION =
      Flag.of("memory-reservation", FlagKind.TEXT, "soft memory limit");

  /** Memory and swap. */
  public static final Flag MEMORY_SWAP =
      Flag.of("memory-swap", FlagKind.TEXT, "limit of memory and swap together, -1 for no limit");

  /** Processes. */
  public static final Flag PIDS_LIMIT =
      Flag.of("pids-limit", FlagKind.NUMBER, "greatest number of processes");

  /** Intel RDT. */
  public static final Flag L3_CACHE_SCHEMA =
      Flag.of("l3-cache-schema", FlagKind.TEXT, "refused: RDT does not reach into a machine");

  /** Intel RDT. */
  public static final Flag MEM_BW_SCHEMA =
      Flag.of("mem-bw-schema", FlagKind.TEXT, "refused: RDT does not reach into a machine");

  // Spec.
  /** Directory. */
  public static final Flag SPEC_BUNDLE =
      Flag.of("bundle", FlagKind.PATH, "directory to write config.json to")
          .alias("b")
          .byDefault("the current directory");

  /** Refused. */
  public static final Flag SPEC_ROOTLESS =
      Flag.of("rootless", FlagKind.SWITCH, "refused: a machine needs root on the host");

  private Flags() {}
}
