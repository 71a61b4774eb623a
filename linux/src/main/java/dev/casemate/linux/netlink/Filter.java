package dev.casemate.linux.netlink;

/** A filter on the way into an interface. */
public sealed interface Filter permits Redirect, Filter.Other {
  /** The index of the interface. */
  int link();

  /** The lower, the earlier: 1 to 65535. */
  int priority();

  /**
   * A filter that is no {@link Redirect}.
   *
   * @param kind such as {@code bpf}
   */
  record Other(int link, int priority, String kind) implements Filter {}
}
