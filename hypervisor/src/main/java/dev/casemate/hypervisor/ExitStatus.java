package dev.casemate.hypervisor;

import dev.casemate.linux.ChildExit;

/** How a host process ended. */
public sealed interface ExitStatus {
  /** One clause for people. */
  String describe();

  /** It exited by itself with a code from 0 to 255. */
  record Exited(int code) implements ExitStatus {
    @Override
    public String describe() {
      return "exited with status " + code;
    }
  }

  /** A signal, by its Linux number, ended it. */
  record Signalled(int signal) implements ExitStatus {
    @Override
    public String describe() {
      return "was killed by signal " + signal;
    }
  }

  /** What the kernel tells of a child that has ended. */
  static ExitStatus of(ChildExit exit) {
    return exit.signal() == 0 ? new Exited(exit.code()) : new Signalled(exit.signal());
  }
}
