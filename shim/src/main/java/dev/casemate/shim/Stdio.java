package dev.casemate.shim;

import dev.casemate.shim.containerd.TaskIO;

/**
 * Where a process's standard streams go, as containerd names it: paths of FIFOs, {@code file://} or
 * {@code binary://} addresses for outputs, or an empty text for none.
 *
 * @param terminal whether the process has a terminal, whose one output is {@code stdout}
 */
record Stdio(boolean terminal, String stdin, String stdout, String stderr) {
  /** The same for an event. */
  TaskIO toMessage() {
    return TaskIO.newBuilder()
        .setTerminal(terminal)
        .setStdin(stdin)
        .setStdout(stdout)
        .setStderr(stderr)
        .build();
  }
}
