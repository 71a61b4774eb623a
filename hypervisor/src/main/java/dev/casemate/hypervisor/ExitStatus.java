package dev.casemate.hypervisor;

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

  /**
   * Decodes what {@link Process#waitFor()} gives: 128 plus the signal for a killed process. A
   * program that itself exits with such a code cannot be told apart from a killed one.
   */
  static ExitStatus decode(int value) {
    int signal = value - SIGNAL_BASE;
    return signal > 0 && signal <= LAST_SIGNAL ? new Signalled(signal) : new Exited(value);
  }

  /** Added to the signal's number by the JDK, as a shell does. */
  int SIGNAL_BASE = 128;

  /** SIGRTMAX of Linux. */
  int LAST_SIGNAL = 64;
}
