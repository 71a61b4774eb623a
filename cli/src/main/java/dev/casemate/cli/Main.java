package dev.casemate.cli;

import dev.casemate.cli.line.CommandLine;
import dev.casemate.cli.line.Flags;
import dev.casemate.cli.line.Help;
import dev.casemate.cli.line.ParsedLine;
import dev.casemate.cli.line.Verb;
import dev.casemate.cli.line.VerbSpec;
import dev.casemate.host.Version;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The process: reads the command line, lets one verb act, turns its outcome into an exit code and
 * at most one log line. Most of these processes live for some 40 ms, which an engine waits for, so
 * only what the verb needs is loaded.
 */
public final class Main {
  private static final int FAILED = 1;

  /** What the Go library that runc uses ends with. */
  private static final int NO_SUCH_VERB = 3;

  /** What exec ends with when its process could not be run, as under runc. */
  private static final int EXEC_FAILED = 255;

  private Main() {}

  /** Runs the command line and ends the process. */
  public static void main(String[] args) {
    Output output = Output.standard();
    int code =
        run(args, output, new FileInputStream(FileDescriptor.in), System.getenv(), new HostGate());
    // Everything is written and no hook is left to run. An orderly exit would set up the JDK's
    // logging first, to log the exit with it: more work than most verbs are.
    Runtime.getRuntime().halt(code);
  }

  /** The same without ending the process. */
  static int run(
      String[] args,
      Output output,
      InputStream input,
      Map<String, String> environment,
      ContainersGate gate) {
    CommandLine command;
    try {
      command = CommandLine.parse(args);
    } catch (CasemateException refused) {
      ParsedLine global = CommandLine.lenientGlobal(args);
      Log.of(global, output, Clock.systemUTC()).error(refused);
      return CommandLine.namesNoVerb(args) ? NO_SUCH_VERB : FAILED;
    }
    Log log = Log.of(command.global(), output, Clock.systemUTC());
    try {
      return act(command, output, log, input, environment, gate);
    } catch (CasemateException failure) {
      log.error(failure);
      logCauses(log, failure);
      return failed(command.verb());
    } catch (RuntimeException | LinkageError defect) {
      log.error(
          new CasemateException(
              ErrorCode.BUG,
              "do what was asked",
              "casemate has a defect: " + defect,
              "please report it with the output of the same command with --debug"));
      logCauses(log, defect);
      return failed(command.verb());
    }
  }

  private static int act(
      CommandLine command,
      Output output,
      Log log,
      InputStream input,
      Map<String, String> environment,
      ContainersGate gate) {
    if (command.global().has(Flags.VERSION)) {
      output.print("casemate version " + Version.current().lines());
      return 0;
    }
    Verb verb = command.verb();
    VerbSpec spec = command.spec();
    if (verb == null || spec == null) {
      output.print(Help.program(Version.current().lines()));
      return 0;
    }
    if (command.helpWanted()) {
      output.print(Help.verb(spec));
      return 0;
    }
    refuseRootless(command.global());
    return Actions.of(verb)
        .run(
            new Invocation(
                command,
                output,
                log,
                gate.open(
                    command.global().textOr(Flags.ROOT, "/run/casemate/containers"), environment),
                input,
                environment));
  }

  private static void refuseRootless(ParsedLine global) {
    if (global.text(Flags.ROOTLESS).equals("true")) {
      throw new CasemateException(
          ErrorCode.UNSUPPORTED,
          "run without root",
          "--rootless=true was given, and a sandbox needs mounts and control groups of the host",
          "run casemate as root");
    }
  }

  private static int failed(@Nullable Verb verb) {
    return verb == Verb.EXEC ? EXEC_FAILED : FAILED;
  }

  /** Stack traces are for whoever asked for detail. */
  private static void logCauses(Log log, Throwable failure) {
    if (!log.debugs()) {
      return;
    }
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    log.debug(trace.toString());
  }
}
