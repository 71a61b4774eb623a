package dev.casemate.model;

import org.jspecify.annotations.Nullable;

/**
 * The name of a container on this host: 1 to 255 characters out of {@code A-Z a-z 0-9 _ + - .},
 * never {@code .} or {@code ..}. It is safe as a file name; callers must not build anything else
 * from it.
 */
public record ContainerId(String value) {
  /** Checks the name. */
  public ContainerId {
    Ids.check(value, "id");
  }

  // Written out: linking what a record has by itself costs the interpreted JVM of a command 15 ms.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ContainerId id && value.equals(id.value);
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
