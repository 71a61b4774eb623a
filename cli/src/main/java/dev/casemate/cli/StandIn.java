package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.util.Map;

/**
 * The host process that stands in for a process in the guest: a child of this one, so that whoever
 * called this process inherits it and can reap it.
 *
 * @param process the child
 * @param report what came of the process in the guest
 */
record StandIn(Process process, CreationReport report) {
  /**
   * Spawns it with this process's standard streams, or on a terminal, and waits until the process
   * in the guest exists. On failure it is gone.
   *
   * @param input whether standard input is passed on; without, it is empty
   */
  static StandIn spawn(Creation creation, boolean input) {
    ProcessBuilder builder = new ProcessBuilder(creation.standInCommand());
    String terminal = creation.standInTerminal();
    if (terminal.isEmpty()) {
      builder.inheritIO();
      if (!input) {
        builder.redirectInput(new File("/dev/null"));
      }
    } else {
      File file = new File(terminal);
      builder.redirectInput(file);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(file));
      builder.redirectError(ProcessBuilder.Redirect.appendTo(file));
    }
    builder.directory(new File("/"));
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    Process process;
    try {
      process = builder.start();
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "spawn the container's stand-in",
          String.valueOf(failure.getMessage()),
          "install util-linux",
          failure);
    }
    try {
      return new StandIn(process, creation.complete(process.pid()));
    } catch (RuntimeException failure) {
      process.destroyForcibly();
      throw failure;
    }
  }

  /** Waits for its end, for as long as the process in the guest lives; tells its exit code. */
  int await() {
    while (true) {
      try {
        return process.waitFor();
      } catch (InterruptedException _) {
        // Nothing interrupts the main thread on purpose; the process's end is what counts.
      }
    }
  }
}
