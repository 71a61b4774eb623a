package dev.casemate.cli;

import dev.casemate.core.TerminalSize;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The terminal that this process was started on. Settings are changed by {@code stty} (coreutils,
 * on every Debian): it is spawned in 2 ms, linking the system calls into an interpreted JVM takes
 * 35.
 */
final class Terminal {
  /** stty only makes a system call; whoever is slower than this hangs. */
  private static final long STTY_BOUND_SECONDS = 10;

  private Terminal() {}

  /** Whether a standard descriptor, 0 to 2, is a terminal. */
  static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException _) {
      return false;
    }
  }

  /** Turns off all processing of input and output; tells the settings for {@link #restore}. */
  static String makeRaw() {
    String settings = stty("-g").strip();
    stty("raw", "-echo");
    return settings;
  }

  /** Brings settings back. */
  static void restore(String settings) {
    stty(settings);
  }

  /** The size of the terminal on standard input; 0 by 0 when it is unknown. */
  static TerminalSize size() {
    String[] parts = stty("size").strip().split(" ", -1);
    try {
      return parts.length == 2
          ? new TerminalSize(Integer.parseInt(parts[1]), Integer.parseInt(parts[0]))
          : new TerminalSize(0, 0);
    } catch (IllegalArgumentException _) {
      return new TerminalSize(0, 0);
    }
  }

  /** Runs stty on standard input. */
  private static String stty(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add("stty");
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(new File("/dev/null"))
              .start();
      String answer = new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8);
      if (!process.waitFor(STTY_BOUND_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw failure("it did not end within " + STTY_BOUND_SECONDS + " s");
      }
      if (process.exitValue() != 0) {
        throw failure("it ended with " + process.exitValue());
      }
      return answer;
    } catch (IOException missing) {
      throw failure(String.valueOf(missing.getMessage()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw failure("interrupted");
    }
  }

  private static CasemateException failure(String why) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT, "change the terminal with stty", why, "install coreutils");
  }
}
