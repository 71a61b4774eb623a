package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;

/** Signals by name and number, as signal(7) has them on x86-64 and arm64. */
final class Signals {
  static final int HUP = 1;
  static final int INT = 2;
  static final int KILL = 9;
  static final int TERM = 15;

  private static final int LARGEST = 64;
  private static final int REALTIME_FIRST = 34;

  /** By number, from 1 on; the real-time ones behind them have no fixed names. */
  private static final String[] NAMES = {
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
    "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"
  };

  private Signals() {}

  /**
   * The number of a signal.
   *
   * @param text a number from 0 to 64 (0 only asks whether the process is there), or a name with or
   *     without SIG in front, in any case
   * @throws CasemateException INVALID_ARGUMENT for anything else
   */
  static int parse(String text) {
    int number = digits(text);
    if (number < 0) {
      String name = upper(text);
      name = name.startsWith("SIG") ? name.substring(3) : name;
      number = named(name);
    }
    if (number < 0 || number > LARGEST) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "send a signal",
          "unknown signal \"" + text + "\"",
          "give a number from 0 to 64 or a name such as TERM");
    }
    return number;
  }

  /** The digits' value, 1000 if it is larger, or -1 if there is something else. */
  private static int digits(String text) {
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = Math.min(1000, value * 10 + digit);
    }
    return text.isEmpty() ? -1 : value;
  }

  private static int named(String name) {
    for (int i = 0; i < NAMES.length; i++) {
      if (NAMES[i].equals(name)) {
        return i + 1;
      }
    }
    return switch (name) {
      case "IOT" -> 6;
      case "CLD" -> 17;
      case "POLL" -> 29;
      case "RTMIN" -> REALTIME_FIRST;
      case "RTMAX" -> LARGEST;
      default -> realTime(name);
    };
  }

  private static int realTime(String name) {
    int offset = name.length() > 6 ? digits(name.substring(6)) : -1;
    if (name.startsWith("RTMIN+") && offset >= 0 && offset <= LARGEST - REALTIME_FIRST) {
      return REALTIME_FIRST + offset;
    }
    if (name.startsWith("RTMAX-") && offset >= 0 && offset <= LARGEST - REALTIME_FIRST) {
      return LARGEST - offset;
    }
    return -1;
  }

  /** ASCII only, whatever the locale. */
  private static String upper(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c);
    }
    return out.toString();
  }
}
