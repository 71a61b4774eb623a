package dev.casemate.cli;

import dev.casemate.core.TerminalSize;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ExecId;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/**
 * This process while it waits for a process in the guest: passes signals on, and lends its
 * terminal. Signals arrive on threads of the JVM's own.
 *
 * <p>All signals are passed on that runc passes on and a JVM can hear of. Those that it cannot are
 * SIGQUIT, which the JVM keeps for itself; SIGPIPE, SIGXFSZ and SIGSYS, which are this process's
 * own doing; SIGSTKFLT and the real-time ones, which shells do not know by name. On a terminal
 * Ctrl-\ is passed on nevertheless, as a character, to the guest's terminal.
 */
// Nothing else in the JDK tells of signals; the class is exported and has been there since 1.2.
final class Foreground implements AutoCloseable {
  private static final String[] FORWARDED = {
    "HUP", "INT", "TRAP", "ABRT", "USR1", "USR2", "ALRM", "TERM", "CONT", "TSTP", "TTIN", "TTOU",
    "XCPU", "VTALRM", "PROF", "IO", "PWR"
  };

  private final Containers host;
  private final ContainerId id;
  private final Optional<ExecId> exec;
  private final long standIn;
  private final String terminalSettings;
  private @Nullable LastAct restoring;

  private Foreground(
      Containers host,
      ContainerId id,
      Optional<ExecId> exec,
      long standIn,
      String terminalSettings) {
    this.host = host;
    this.id = id;
    this.exec = exec;
    this.standIn = standIn;
    this.terminalSettings = terminalSettings;
  }

  /**
   * Begins.
   *
   * @param ownTerminal whether the process has a terminal, which is then shown on this one
   */
  static Foreground enter(
      Containers host, ContainerId id, Optional<ExecId> exec, long standIn, boolean ownTerminal) {
    boolean raw = ownTerminal && Terminal.isTerminal(0);
    Foreground foreground = new Foreground(host, id, exec, standIn, raw ? Terminal.makeRaw() : "");
    for (String name : FORWARDED) {
      Signal.handle(new Signal(name), foreground::forward);
    }
    if (raw) {
      foreground.restoring = LastAct.prepare("restore-terminal", foreground::restoreTerminal);
      Signal.handle(new Signal("WINCH"), foreground::resize);
      foreground.resize(new Signal("WINCH"));
    }
    return foreground;
  }

  private void forward(Signal signal) {
    try {
      if (exec.isEmpty()) {
        host.kill(id, signal.getNumber(), false);
      } else {
        // The stand-in passes on what it gets to the process that it stands for.
        new ProcessBuilder("kill", "-" + signal.getNumber(), Long.toString(standIn)).start();
      }
    } catch (CasemateException | IOException _) {
      // The process has ended meanwhile, or the wait for it is about to tell what is wrong.
    }
  }

  private void resize(Signal signal) {
    TerminalSize size = Terminal.size();
    if (size.columns() > 0 && size.rows() > 0) {
      try {
        host.resize(id, exec, size);
      } catch (CasemateException _) {
        // As above; a terminal of the wrong size is better than none.
      }
    }
  }

  private void restoreTerminal() {
    Terminal.restore(terminalSettings);
  }

  /** Gives the terminal back as it was. */
  @Override
  public void close() {
    if (restoring != null) {
      restoring.cancel();
      restoreTerminal();
    }
  }
}
