package dev.casemate.model;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The name of a further process in a container, unique within it; same characters as a {@link
 * ContainerId}. The container's own first process has none.
 */
public record ExecId(String value) {
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_+.-]{1,1024}");

  /** Checks the name. */
  public ExecId {
    Objects.requireNonNull(value, "value is null");
    if (!VALID.matcher(value).matches() || value.equals(".") || value.equals("..")) {
      throw new CasemateException(
          ErrorCode.INVALID_ARGUMENT,
          "use the exec id " + Ids.quoted(value),
          "an id is 1 to 1024 characters of A-Z a-z 0-9 _ + - . and neither . nor ..",
          "choose another id");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
