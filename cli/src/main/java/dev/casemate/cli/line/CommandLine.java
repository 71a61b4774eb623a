package dev.casemate.cli.line;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole command line, parsed: global flags, verb, and the verb's own part.
 *
 * <p>The rules are those of the Go library that runc uses, since callers rely on them: one dash is
 * as good as two, a value follows after {@code =} or as the next argument, {@code --} ends the
 * flags, and a single dash is an argument. Beyond them, letters of switches may share a dash, as in
 * {@code -it}, unless that is the name of a flag.
 *
 * @param global the flags before the verb
 * @param verb the verb, or null when there is none
 * @param spec what the line of the verb looks like, null without verb
 * @param line the verb's own flags and arguments; empty when help was asked for
 * @param helpWanted whether {@code --help} was given, before or after the verb
 */
public record CommandLine(
    ParsedLine global,
    @Nullable Verb verb,
    @Nullable VerbSpec spec,
    ParsedLine line,
    boolean helpWanted) {

  /**
   * Parses the arguments of the process.
   *
   * @throws CasemateException with INVALID_ARGUMENT for anything that the table does not have
   */
  public static CommandLine parse(String[] args) {
    ParsedLine global = new ParsedLine();
    int at = parseGlobal(args, global);
    if (at == args.length || global.has(Flags.VERSION)) {
      return new CommandLine(global, null, null, new ParsedLine(), global.has(Flags.HELP));
    }
    Verb verb = Verb.named(args[at]);
    if (verb == null) {
      throw unknownVerb(args[at]);
    }
    VerbSpec spec = VerbTable.spec(verb);
    ParsedLine line = new ParsedLine();
    boolean help = parseVerb(args, at + 1, spec, line) || global.has(Flags.HELP);
    if (!help) {
      checkCount(spec, line);
    }
    return new CommandLine(global, verb, spec, line, help);
  }

  /**
   * The global flags alone, as far as they can be read, so that an error in the rest of the line is
   * logged where the caller reads it.
   */
  public static ParsedLine lenientGlobal(String[] args) {
    ParsedLine global = new ParsedLine();
    try {
      parseGlobal(args, global);
    } catch (CasemateException _) {
      // Reported by parse; what was read before it counts.
    }
    return global;
  }

  private static int parseGlobal(String[] args, ParsedLine global) {
    int at = 0;
    List<Flag> flags = VerbTable.globalFlags();
    while (at < args.length && isFlag(args[at])) {
      if (args[at].equals("--")) {
        return at + 1;
      }
      at = parseFlag(args, at, flags, global, "casemate");
    }
    return at;
  }

  /** Whether a line names a verb that does not exist, after global flags that can be read. */
  public static boolean namesNoVerb(String[] args) {
    try {
      int at = parseGlobal(args, new ParsedLine());
      return at < args.length && Verb.named(args[at]) == null;
    } catch (CasemateException _) {
      return false;
    }
  }

  /** Returns whether help was asked for. */
  private static boolean parseVerb(String[] args, int from, VerbSpec spec, ParsedLine line) {
    String where = "casemate " + spec.verb().text();
    int at = from;
    boolean flagsAllowed = true;
    while (at < args.length) {
      String word = args[at];
      if (!flagsAllowed || !isFlag(word)) {
        line.addArgument(word);
        at++;
        flagsAllowed = flagsAllowed && flagsAfterArgument(spec, line);
      } else if (word.equals("--")) {
        flagsAllowed = false;
        at++;
      } else if (isHelp(word, spec)) {
        return true;
      } else {
        at = parseFlag(args, at, spec.flags(), line, where);
      }
    }
    return false;
  }

  private static boolean flagsAfterArgument(VerbSpec spec, ParsedLine line) {
    return switch (spec.order()) {
      case ANYWHERE -> true;
      case BEFORE_ARGUMENTS -> false;
      case ANYWHERE_UNLESS_IMAGE -> !line.has(Flags.IMAGE);
    };
  }

  private static boolean isFlag(String word) {
    return word.length() > 1 && word.charAt(0) == '-';
  }

  private static String nameOf(String word) {
    int start = word.startsWith("--") ? 2 : 1;
    int equals = word.indexOf('=', start);
    return equals < 0 ? word.substring(start) : word.substring(start, equals);
  }

  private static boolean isHelp(String word, VerbSpec spec) {
    String name = nameOf(word);
    return Flags.HELP.isCalled(name) && spec.flag(name) == null;
  }

  /** Reads the flag at a place and its value; returns the place behind them. */
  private static int parseFlag(
      String[] args, int at, List<Flag> flags, ParsedLine into, String where) {
    String word = args[at];
    String name = nameOf(word);
    Flag flag = VerbSpec.find(flags, name);
    if (flag == null && areSwitches(word, flags)) {
      for (int i = 1; i < word.length(); i++) {
        addSwitch(word.substring(i, i + 1), flags, into);
      }
      return at + 1;
    }
    if (flag == null) {
      throw unknownFlag(where, name, flags);
    }
    int equals = word.indexOf('=', 1);
    if (!flag.kind().takesValue()) {
      into.add(flag, equals < 0 ? "true" : switchValue(where, name, word.substring(equals + 1)));
      return at + 1;
    }
    if (equals >= 0) {
      into.add(flag, checked(where, flag, name, word.substring(equals + 1)));
      return at + 1;
    }
    if (at + 1 == args.length) {
      throw malformed(where, "flag needs an argument: -" + name);
    }
    into.add(flag, checked(where, flag, name, args[at + 1]));
    return at + 2;
  }

  /** Whether a word is several letters of switches behind one dash, such as {@code -it}. */
  private static boolean areSwitches(String word, List<Flag> flags) {
    for (int i = 1; i < word.length(); i++) {
      Flag flag = VerbSpec.find(flags, word.substring(i, i + 1));
      if (flag == null || flag.kind().takesValue()) {
        return false;
      }
    }
    return true;
  }

  private static void addSwitch(String letter, List<Flag> flags, ParsedLine into) {
    Flag flag = VerbSpec.find(flags, letter);
    if (flag != null) {
      into.add(flag, "true");
    }
  }

  /** The spellings of a truth value are those of Go's strconv.ParseBool. */
  private static String switchValue(String where, String name, String text) {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> "true";
      case "0", "f", "F", "false", "FALSE", "False" -> "false";
      default -> throw malformed(where, "invalid boolean value \"" + text + "\" for -" + name);
    };
  }

  private static String checked(String where, Flag flag, String name, String value) {
    boolean valid =
        switch (flag.kind()) {
          case SWITCH, LIST, PATH -> true;
          case TEXT -> flag.choices().isEmpty() || flag.choices().contains(value);
          case NUMBER -> isNumber(value);
          case DURATION -> Durations.millis(value) >= 0;
        };
    if (!valid) {
      throw malformed(
          where,
          "invalid value \""
              + value
              + "\" for flag -"
              + name
              + (flag.choices().isEmpty() ? "" : ", only " + String.join(", ", flag.choices())));
    }
    return value;
  }

  private static boolean isNumber(String text) {
    try {
      Long.parseLong(text);
      return true;
    } catch (NumberFormatException _) {
      return false;
    }
  }

  private static void checkCount(VerbSpec spec, ParsedLine line) {
    int count = line.arguments().size();
    if (count < spec.minimum() || count > spec.maximum()) {
      String wanted =
          spec.minimum() == spec.maximum()
              ? "exactly " + spec.minimum()
              : count < spec.minimum()
                  ? "a minimum of " + spec.minimum()
                  : "a maximum of " + spec.maximum();
      throw malformed(
          "casemate " + spec.verb().text(),
          "\"" + spec.verb().text() + "\" requires " + wanted + " argument(s), not " + count);
    }
  }

  private static CasemateException malformed(String where, String why) {
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "read the command line of " + where,
        why,
        "see " + where + " --help");
  }

  private static CasemateException unknownFlag(String where, String name, List<Flag> flags) {
    String near = Nearest.flag(name, flags);
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "read the command line of " + where,
        "flag provided but not defined: -" + name,
        near.isEmpty() ? "see " + where + " --help" : "perhaps --" + near + " was meant");
  }

  private static CasemateException unknownVerb(String word) {
    String near = Nearest.verb(word);
    return new CasemateException(
        ErrorCode.INVALID_ARGUMENT,
        "read the command line of casemate",
        "there is no command '" + word + "'",
        near.isEmpty() ? "see casemate --help" : "perhaps '" + near + "' was meant");
  }
}
