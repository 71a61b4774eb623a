package dev.casemate.linux.netlink;

import java.nio.charset.StandardCharsets;

/**
 * A filter that sends every packet that comes in by one interface out by another, as if it had
 * never come: the host's own stack does not see it.
 *
 * @param link the index of the interface that packets come in by
 * @param priority 1 to 65535; the lower, the earlier
 * @param target the index of the interface that they leave by; 0 when that is gone
 * @param cookie who made the filter: up to 16 bytes of ASCII, or empty
 */
public record Redirect(int link, int priority, int target, String cookie) implements Filter {
  /** {@code TC_COOKIE_MAX_SIZE}. */
  static final int MAX_COOKIE_BYTES = 16;

  private static final int MAX_PRIORITY = 0xffff;

  /** Checks ranges. */
  public Redirect {
    if (priority < 1 || priority > MAX_PRIORITY) {
      throw new IllegalArgumentException("a filter's priority is 1 to " + MAX_PRIORITY);
    }
    if (cookie.getBytes(StandardCharsets.US_ASCII).length > MAX_COOKIE_BYTES) {
      throw new IllegalArgumentException("a cookie has up to " + MAX_COOKIE_BYTES + " bytes");
    }
  }
}
