package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.Spec;
import java.util.Optional;

/** {@code create}: boots a machine and prepares the container of a bundle in it. */
final class CreateVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    PreservedDescriptors.refuse(invocation);
    String bundle = invocation.path(Flags.BUNDLE, ".");
    CreationOrder order =
        new CreationOrder(invocation.container(), bundle, consoleSocket(invocation), false, false);
    checkTerminal(Bundle.spec(bundle), order.consoleSocket());
    try (Creation creation = invocation.host().create(order)) {
      StandIn standIn = StandIn.spawn(creation, true);
      try {
        writePidFile(invocation, standIn);
      } catch (CasemateException failure) {
        invocation.host().delete(order.id(), true);
        throw failure;
      }
    }
    return 0;
  }

  /** The socket that gets the terminal, as an absolute path. */
  static Optional<String> consoleSocket(Invocation invocation) {
    return invocation.line().has(Flags.CONSOLE_SOCKET)
        ? Optional.of(invocation.path(Flags.CONSOLE_SOCKET, ""))
        : Optional.empty();
  }

  /** Writes the pid file, if one is wanted. */
  static void writePidFile(Invocation invocation, StandIn standIn) {
    if (invocation.line().has(Flags.PID_FILE)) {
      PidFile.write(invocation.path(Flags.PID_FILE, ""), standIn.process().pid());
    }
  }

  /** Whoever does not wait on a terminal must have a socket to send it to, and nobody else. */
  static void checkTerminal(Spec spec, Optional<String> consoleSocket) {
    checkTerminal(spec.process().terminal(), consoleSocket);
  }

  static void checkTerminal(boolean terminal, Optional<String> consoleSocket) {
    if (terminal && consoleSocket.isEmpty()) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "give the process a terminal",
          "cannot allocate tty if casemate will detach without setting console socket",
          "name a socket with --console-socket or set process.terminal to false");
    }
    if (!terminal && consoleSocket.isPresent()) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "use the console socket " + consoleSocket.get(),
          "the process has no terminal",
          "set process.terminal to true or leave --console-socket away");
    }
  }
}
