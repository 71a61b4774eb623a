package dev.casemate.cli;

import dev.casemate.cli.line.CommandLine;
import dev.casemate.cli.line.Flag;
import dev.casemate.cli.line.Flags;
import dev.casemate.cli.line.ParsedLine;
import dev.casemate.model.ContainerId;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a verb gets to work with.
 *
 * @param command the whole command line
 * @param output where results go
 * @param log where messages go
 * @param host the containers, connected on first use
 * @param input standard input
 * @param environment the process's environment
 */
record Invocation(
    CommandLine command,
    Output output,
    Log log,
    Containers host,
    InputStream input,
    Map<String, String> environment) {
  /** The verb's own flags and arguments. */
  ParsedLine line() {
    return command.line();
  }

  /** The container that the first argument names. */
  ContainerId container() {
    return new ContainerId(line().arguments().get(0));
  }

  /** The absolute form of a path flag's value, or of the current directory when it is absent. */
  static String absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize().toString();
  }

  /** A path flag as an absolute path, or another path when it is absent. */
  String path(Flag flag, String other) {
    return absolute(line().textOr(flag, other));
  }

  /** Whether the caller asked for cgroups through systemd. */
  boolean systemdCgroup() {
    return command.global().has(Flags.SYSTEMD_CGROUP);
  }
}
