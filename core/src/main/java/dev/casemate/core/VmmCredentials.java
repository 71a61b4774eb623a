package dev.casemate.core;

/** The numeric identity of a VMM process. Zero only where a stated fallback needs root. */
public record VmmCredentials(int uid, int gid) {
  /** Checks the range. */
  public VmmCredentials {
    if (uid < 0 || gid < 0) {
      throw new IllegalArgumentException("uid " + uid + " or gid " + gid + " is negative");
    }
  }
}
