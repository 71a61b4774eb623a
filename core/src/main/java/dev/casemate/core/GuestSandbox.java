package dev.casemate.core;

import java.util.List;

/**
 * What the guest needs to know before its first container.
 *
 * @param id the sandbox's name
 * @param hostname the guest's own host name
 * @param shares mounted before any container
 */
public record GuestSandbox(String id, String hostname, List<GuestMount> shares) {
  /** Copies the list. */
  public GuestSandbox {
    shares = List.copyOf(shares);
  }
}
