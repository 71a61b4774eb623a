package dev.casemate.cli.line;

import java.util.List;
import java.util.Objects;

/**
 * One flag of the command line.
 *
 * @param name its long name, without dashes
 * @param alias its one-letter name, or an empty text
 * @param kind what may follow it
 * @param help one sentence without a full stop
 * @param defaultText the value that counts when it is absent, as text, or an empty text
 * @param choices the only texts allowed, or an empty list when any is
 */
public record Flag(
    String name,
    String alias,
    FlagKind kind,
    String help,
    String defaultText,
    List<String> choices) {

  /** Checks the names. */
  public Flag {
    Objects.requireNonNull(kind, "kind is null");
    if (name.length() < 2 || name.charAt(0) == '-' || alias.length() > 1) {
      throw new IllegalArgumentException("a flag has a long name and at most one letter: " + name);
    }
    if (help.isEmpty()) {
      throw new IllegalArgumentException("a flag without a help text: " + name);
    }
    choices = List.copyOf(choices);
  }

  /** A flag without alias, default or choices. */
  static Flag of(String name, FlagKind kind, String help) {
    return new Flag(name, "", kind, help, "", List.of());
  }

  /** The same flag with a one-letter name. */
  Flag alias(String letter) {
    return new Flag(name, letter, kind, help, defaultText, choices);
  }

  /** The same flag with a default. */
  Flag byDefault(String text) {
    return new Flag(name, alias, kind, help, text, choices);
  }

  /** The same flag, restricted to some texts. */
  Flag oneOf(String... texts) {
    return new Flag(name, alias, kind, help, defaultText, List.of(texts));
  }

  /** Whether the flag is called so, without dashes. */
  boolean isCalled(String text) {
    return name.equals(text) || (!alias.isEmpty() && alias.equals(text));
  }
}
