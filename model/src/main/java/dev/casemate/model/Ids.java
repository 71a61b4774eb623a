package dev.casemate.model;

import java.util.Objects;

/** What containers' and processes' names have in common. */
final class Ids {
  /** What a file's name may have at the most, NAME_MAX in linux/limits.h. */
  private static final int MOST_CHARACTERS = 255;

  private static final int SHOWN_CHARACTERS = 64;

  private Ids() {}

  /**
   * Refuses what is no name.
   *
   * @param kind what it names, for the message
   * @throws CasemateException INVALID_ARGUMENT
   */
  static void check(String name, String kind) {
    Objects.requireNonNull(name, "value is null");
    if (!isValid(name)) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "use the " + kind + " " + quoted(name),
          "an id is 1 to "
              + MOST_CHARACTERS
              + " characters of A-Z a-z 0-9 _ + - . and neither . nor ..",
          "choose another id");
    }
  }

  /** By hand: compiling an expression costs the interpreted JVM of a command a millisecond. */
  private static boolean isValid(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letterOrDigit && c != '_' && c != '+' && c != '-' && c != '.') {
        return false;
      }
    }
    return !name.isEmpty()
        && name.length() <= MOST_CHARACTERS
        && !name.equals(".")
        && !name.equals("..");
  }

  /** The text in quotes, shortened, control characters replaced. */
  static String quoted(String text) {
    StringBuilder shown = new StringBuilder("'");
    text.codePoints()
        .limit(SHOWN_CHARACTERS)
        .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return shown.append(text.length() > SHOWN_CHARACTERS ? "…'" : "'").toString();
  }
}
