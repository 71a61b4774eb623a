package dev.casemate.cli.line;

/** Where flags may stand relative to the other arguments of a verb. */
public enum FlagOrder {
  /** Anywhere: {@code delete c1 --force} is {@code delete --force c1}. */
  ANYWHERE,
  /** Only before the first other argument, since a command line of the container follows. */
  BEFORE_ARGUMENTS,
  /** As {@link #BEFORE_ARGUMENTS} once {@code --image} was seen, {@link #ANYWHERE} until then. */
  ANYWHERE_UNLESS_IMAGE
}
