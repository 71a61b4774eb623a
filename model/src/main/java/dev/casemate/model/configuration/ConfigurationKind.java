package dev.casemate.model.configuration;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values that a key takes. */
public sealed interface ConfigurationKind {
  /** Any line of text. */
  record Text() implements ConfigurationKind {}

  /** An absolute path on the host, or empty. */
  record HostPath() implements ConfigurationKind {}

  /** One of a few words. */
  record Choice(List<String> words) implements ConfigurationKind {
    /** Copies the list. */
    public Choice {
      words = List.copyOf(words);
    }
  }

  /** A whole number of a range, both ends included. */
  record WholeNumber(long least, long most) implements ConfigurationKind {}

  /** Yes or no. */
  record Flag() implements ConfigurationKind {}

  /** What is wrong with a value, or null when nothing is. */
  default @Nullable String complaint(String text) {
    return switch (this) {
      case Text ignored -> text.chars().anyMatch(c -> c < ' ') ? "it is not one line" : null;
      case HostPath ignored ->
          text.isEmpty() || text.startsWith("/") ? null : "it is not an absolute path";
      case Choice choice ->
          choice.words().contains(text)
              ? null
              : "it is none of " + String.join(", ", choice.words());
      case WholeNumber range -> complaint(range, text);
      case Flag ignored ->
          text.equals("true") || text.equals("false") ? null : "it is neither true nor false";
    };
  }

  private static @Nullable String complaint(WholeNumber range, String text) {
    try {
      long number = Long.parseLong(text);
      if (number >= range.least() && number <= range.most()) {
        return null;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    return "it is not a whole number from " + range.least() + " to " + range.most();
  }
}
