package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.cli.line.ParsedLine;
import dev.casemate.model.CasemateException;
import dev.casemate.model.Rfc3339;
import dev.casemate.model.json.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;

/**
 * Log lines in the shapes that engines parse: those of the logrus library, since that is what runc
 * writes. An engine shows the text of the last line of level error in the file of {@code --log}.
 * The code of an error is one more member of its line.
 *
 * <p>The file is opened with the first line only: most commands log nothing. Thread-safe.
 */
final class Log {
  private final Output output;
  private final String file;
  private final boolean json;
  private final boolean debug;
  private final Clock clock;

  private Log(Output output, String file, boolean json, boolean debug, Clock clock) {
    this.output = output;
    this.file = file;
    this.json = json;
    this.debug = debug;
    this.clock = clock;
  }

  /** The log that the global flags ask for. */
  static Log of(ParsedLine global, Output output, Clock clock) {
    return new Log(
        output,
        global.text(Flags.LOG),
        global.text(Flags.LOG_FORMAT).equals("json"),
        global.has(Flags.DEBUG),
        clock);
  }

  /** Logs an error; with a log file, message and code go to standard error as well. */
  void error(CasemateException failure) {
    String message = String.valueOf(failure.getMessage());
    boolean written = write("error", message, failure.code().name());
    if (!file.isEmpty() && written) {
      output.error(message + " [" + failure.code() + "]\n");
    }
  }

  /** Logs what a person should know although it works. */
  void warn(String message) {
    write("warning", message, "");
  }

  /** Whether detail is logged. */
  boolean debugs() {
    return debug;
  }

  /** Logs detail, if it was asked for. */
  void debug(String message) {
    if (debug) {
      write("debug", message, "");
    }
  }

  private synchronized boolean write(String level, String message, String code) {
    String time = Rfc3339.seconds(clock.millis());
    String line =
        json ? jsonLine(level, message, time, code) : textLine(level, message, time, code);
    if (file.isEmpty() || file.equals("/dev/stderr")) {
      output.error(line);
      return file.isEmpty();
    }
    try {
      Files.write(
          Path.of(file),
          line.getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      return true;
    } catch (IOException | IllegalArgumentException failure) {
      output.error(textLine("warning", "cannot write to the log file " + file, time, "") + line);
      return false;
    }
  }

  /** With the members in the order of their names, as logrus has them. */
  private static String jsonLine(String level, String message, String time, String code) {
    return (code.isEmpty() ? "{" : "{\"code\":\"" + code + "\",")
        + "\"level\":\""
        + level
        + "\",\"msg\":"
        + JsonWriter.quoted(message)
        + ",\"time\":\""
        + time
        + "\"}\n";
  }

  private static String textLine(String level, String message, String time, String code) {
    return "time=\""
        + time
        + "\" level="
        + level
        + " msg="
        + textValue(message)
        + (code.isEmpty() ? "" : " code=" + code)
        + "\n";
  }

  /** Plain if every character is harmless, else quoted as Go's strconv.Quote does. */
  private static String textValue(String text) {
    boolean plain = !text.isEmpty();
    for (int i = 0; i < text.length() && plain; i++) {
      char c = text.charAt(i);
      plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-._/@^+".indexOf(c) >= 0;
    }
    return plain ? text : quoted(text);
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || c == 0x7f) {
            out.append("\\x").append(Character.forDigit(c >> 4, 16));
            out.append(Character.forDigit(c & 0xf, 16));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
