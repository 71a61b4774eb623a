package dev.casemate.cli.line;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the command line of one verb looks like.
 *
 * @param verb the verb
 * @param arguments what follows the flags, as shown in the usage line; may be empty
 * @param minimum the least number of arguments, 0 or more
 * @param maximum the greatest number, or {@link #UNLIMITED}
 * @param order where flags may stand
 * @param summary one line for the list of verbs, without a full stop
 * @param description paragraphs for help and manual
 * @param flags the flags, each name once
 */
public record VerbSpec(
    Verb verb,
    String arguments,
    int minimum,
    int maximum,
    FlagOrder order,
    String summary,
    String description,
    List<Flag> flags) {
  /** No greatest number of arguments. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  /** Checks the bounds. */
  public VerbSpec {
    Objects.requireNonNull(verb, "verb is null");
    Objects.requireNonNull(order, "order is null");
    if (minimum < 0 || maximum < minimum) {
      throw new IllegalArgumentException("bounds of " + verb.text() + " are upside down");
    }
    flags = List.copyOf(flags);
  }

  /** The flag called so, without dashes, or null. */
  @Nullable Flag flag(String name) {
    return find(flags, name);
  }

  static @Nullable Flag find(List<Flag> flags, String name) {
    for (int i = 0; i < flags.size(); i++) {
      Flag flag = flags.get(i);
      if (flag.isCalled(name)) {
        return flag;
      }
    }
    return null;
  }
}
