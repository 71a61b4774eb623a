package dev.casemate.cli.line;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command line after parsing: which flags were given, with which values, and what follows them.
 * Values were checked against the kind of their flag. Not safe for use by several threads.
 */
public final class ParsedLine {
  private final List<Flag> flags = new ArrayList<>();
  private final List<String> values = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();

  ParsedLine() {}

  void add(Flag flag, String value) {
    flags.add(flag);
    values.add(value);
  }

  void addArgument(String argument) {
    arguments.add(argument);
  }

  /** Whether a flag was given at all, or for a switch, whether it is on. */
  public boolean has(Flag flag) {
    String value = last(flag);
    return value != null && (flag.kind() != FlagKind.SWITCH || value.equals("true"));
  }

  /** The last value of a flag, or an empty text when it is absent. */
  public String text(Flag flag) {
    String value = last(flag);
    return value == null ? "" : value;
  }

  /** The last value of a flag, or another text when it is absent. */
  public String textOr(Flag flag, String other) {
    String value = last(flag);
    return value == null ? other : value;
  }

  /** Every value of a flag, in order. */
  public List<String> list(Flag flag) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < flags.size(); i++) {
      if (flags.get(i).name().equals(flag.name())) {
        found.add(values.get(i));
      }
    }
    return found;
  }

  /** The last value of a flag of kind {@link FlagKind#NUMBER}, or another number if absent. */
  public long number(Flag flag, long other) {
    String value = last(flag);
    return value == null ? other : Long.parseLong(value);
  }

  /** The last value of a flag of kind {@link FlagKind#DURATION} in ms, or another if absent. */
  public long millis(Flag flag, long other) {
    String value = last(flag);
    return value == null ? other : Durations.millis(value);
  }

  /** What follows the flags. */
  public List<String> arguments() {
    return arguments;
  }

  private @Nullable String last(Flag flag) {
    for (int i = flags.size() - 1; i >= 0; i--) {
      if (flags.get(i).name().equals(flag.name())) {
        return values.get(i);
      }
    }
    return null;
  }
}
