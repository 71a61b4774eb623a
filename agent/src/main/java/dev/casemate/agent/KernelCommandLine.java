package dev.casemate.agent;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's command line, as {@code /proc/cmdline} shows it: words separated by white space, a
 * word's value after its first {@code =}. Immutable.
 *
 * @param words each word's name and value in the order given, the value empty where there is none;
 *     the last of several words with one name wins
 */
record KernelCommandLine(Map<String, String> words) {
  // The kernel itself takes at most 4 KiB (COMMAND_LINE_SIZE is 2048 on x86).
  private static final int MAX_CHARACTERS = 8192;

  KernelCommandLine {
    words = Map.copyOf(words);
  }

  /** Splits the text; what lies beyond 8192 characters is ignored. */
  static KernelCommandLine parse(String text) {
    int end = Math.min(text.length(), MAX_CHARACTERS);
    Map<String, String> words = new LinkedHashMap<>();
    int start = 0;
    for (int i = 0; i <= end; i++) {
      if (i < end && text.charAt(i) > ' ') {
        continue;
      }
      if (i > start) {
        int equals = text.indexOf('=', start);
        boolean valued = equals > start && equals < i;
        words.put(
            text.substring(start, valued ? equals : i),
            valued ? text.substring(equals + 1, i) : "");
      }
      start = i + 1;
    }
    return new KernelCommandLine(words);
  }

  /** The word's value, or null when the word is missing. */
  @Nullable String value(String name) {
    return words.get(name);
  }
}
