package dev.casemate.shim;

import dev.casemate.linux.ChildCommand;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.OpenAccess;
import dev.casemate.linux.Pidfd;
import dev.casemate.linux.Pipe;
import dev.casemate.linux.Poll;
import dev.casemate.linux.Processes;
import dev.casemate.linux.Signal;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that takes a process's outputs, as {@code binary://} addresses name it (nerdctl's
 * logs): standard output on descriptor 3, standard error on 4; it closes or writes to 5 when it is
 * ready.
 */
final class LoggerProcess {
  /** A logger opens its files by then, or it never will. */
  private static final Duration READY_BOUND = Duration.ofSeconds(30);

  /** To flush what it has, after the outputs ended; the time that containerd's own shim gives. */
  private static final Duration END_BOUND = Duration.ofSeconds(12);

  private final Pidfd process;
  private final OutputSink output;
  private final OutputSink error;

  private LoggerProcess(Pidfd process, OutputSink output, OutputSink error) {
    this.process = process;
    this.output = output;
    this.error = error;
  }

  /**
   * Starts the program and waits until it is ready.
   *
   * @throws CasemateException INVALID_ARGUMENT for an address without a program; EXEC_FAILED when
   *     it cannot be run
   */
  static LoggerProcess start(URI address, String containerId, String namespace) {
    List<String> argv = argv(address);
    Pipe out = Pipe.open();
    Pipe err = Pipe.open();
    try (Pipe ready = Pipe.open();
        Descriptor nothing = Descriptor.open("/dev/null", OpenAccess.READ_WRITE)) {
      int pid =
          ChildCommand.of(argv)
              .withEnvironment(
                  List.of("CONTAINER_ID=" + containerId, "CONTAINER_NAMESPACE=" + namespace))
              .withDirectory("/")
              .withDescriptors(
                  nothing, nothing, nothing, out.readEnd(), err.readEnd(), ready.writeEnd())
              .start();
      ready.writeEnd().close();
      out.readEnd().close();
      err.readEnd().close();
      Poll.awaitReadable(ready.readEnd(), READY_BOUND);
      return new LoggerProcess(
          Pidfd.open(pid), OutputSink.pipe(out.writeEnd()), OutputSink.pipe(err.writeEnd()));
    } catch (LinuxException refused) {
      out.close();
      err.close();
      throw new CasemateException(
          ErrorCode.EXEC_FAILED,
          "start the logger " + argv.getFirst(),
          String.valueOf(refused.getMessage()),
          "correct the binary:// address",
          refused);
    }
  }

  private static List<String> argv(URI address) {
    String program = address.getPath();
    if (program == null || program.isEmpty()) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "log to " + address,
          "it names no program",
          "write it as binary:///path/of/program?argument");
    }
    List<String> argv = new ArrayList<>();
    argv.add(program);
    String query = address.getRawQuery();
    if (query != null) {
      for (String pair : query.split("&", -1)) {
        int equals = pair.indexOf('=');
        argv.add(decoded(equals < 0 ? pair : pair.substring(0, equals)));
        if (equals >= 0) {
          argv.add(decoded(pair.substring(equals + 1)));
        }
      }
    }
    return argv;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  OutputSink output() {
    return output;
  }

  OutputSink error() {
    return error;
  }

  /** Lets it end: it sees the end of both outputs, is told to, and then made to. */
  void end() {
    output.release();
    error.release();
    try {
      if (!process.hasEnded()) {
        process.sendSignal(Signal.TERM.number());
      }
      if (!process.awaitEnd(END_BOUND)) {
        process.sendSignal(Signal.KILL.number());
      }
      Processes.reap(process.pid());
    } catch (LinuxException gone) {
      // It ended between two of these.
    }
    process.close();
  }
}
