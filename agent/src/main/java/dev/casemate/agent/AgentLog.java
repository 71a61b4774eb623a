package dev.casemate.agent;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Log lines for the console: one line an event, {@code casemate-agent: LEVEL what key="value"…}.
 * Lines are at most {@value #MAX_LINE} characters and hold no control character, so that nothing a
 * container or the host names can forge a line or flood the console ring that the host keeps.
 * Thread-safe; a console that cannot be written is given up silently, since there is nowhere else
 * to say so.
 */
final class AgentLog {
  /** What is worth a line; each level includes the ones before it. */
  enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  private static final int MAX_LINE = 1024;

  private final OutputStream console;
  private final Level level;

  /** Logs everything up to the level. */
  AgentLog(OutputStream console, Level level) {
    this.console = console;
    this.level = level;
  }

  /** A log that drops every line. */
  static AgentLog none() {
    return new AgentLog(OutputStream.nullOutputStream(), Level.ERROR);
  }

  /**
   * The level that {@code agent.log=} names, with the names that the reference agent takes; INFO
   * for an unknown one or none.
   */
  static Level level(KernelCommandLine commandLine) {
    String name = commandLine.value("agent.log");
    return switch (name == null ? "info" : name) {
      case "critical", "fatal", "panic", "error" -> Level.ERROR;
      case "warn", "warning" -> Level.WARN;
      case "debug", "trace" -> Level.DEBUG;
      default -> Level.INFO;
    };
  }

  void error(String what, String... pairs) {
    line(Level.ERROR, what, pairs);
  }

  void warn(String what, String... pairs) {
    line(Level.WARN, what, pairs);
  }

  void info(String what, String... pairs) {
    line(Level.INFO, what, pairs);
  }

  void debug(String what, String... pairs) {
    line(Level.DEBUG, what, pairs);
  }

  private void line(Level at, String what, String... pairs) {
    if (at.compareTo(level) > 0) {
      return;
    }
    StringBuilder line = new StringBuilder(128).append("casemate-agent: ").append(at).append(' ');
    printable(line, what);
    for (int i = 0; i + 1 < pairs.length; i += 2) {
      line.append(' ').append(pairs[i]).append("=\"");
      printable(line, pairs[i + 1]);
      line.append('"');
    }
    if (line.length() > MAX_LINE) {
      line.setLength(MAX_LINE);
    }
    byte[] bytes = line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    synchronized (console) {
      try {
        console.write(bytes);
        console.flush();
      } catch (IOException e) {
        // The console is gone: nowhere left to report to.
      }
    }
  }

  private static void printable(StringBuilder line, String text) {
    for (int i = 0; i < text.length() && line.length() < MAX_LINE; i++) {
      char c = text.charAt(i);
      line.append(Character.isISOControl(c) || c == '"' ? '?' : c);
    }
  }
}
