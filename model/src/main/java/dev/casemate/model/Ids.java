package dev.casemate.model;

/** How an untrusted name is shown in a message. */
final class Ids {
  private static final int SHOWN_CHARACTERS = 64;

  private Ids() {}

  /** The text in quotes, shortened, control characters replaced. */
  static String quoted(String text) {
    StringBuilder shown = new StringBuilder("'");
    text.codePoints()
        .limit(SHOWN_CHARACTERS)
        .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return shown.append(text.length() > SHOWN_CHARACTERS ? "…'" : "'").toString();
  }
}
