package dev.casemate.model;

import org.jspecify.annotations.Nullable;

/**
 * The name of a further process in a container, unique within it; same characters as a {@link
 * ContainerId}. The container's own first process has none.
 */
public record ExecId(String value) {
  /** Checks the name. */
  public ExecId {
    Ids.check(value, "exec id");
  }

  // Written out for the reason that a ContainerId's are.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ExecId id && value.equals(id.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}
