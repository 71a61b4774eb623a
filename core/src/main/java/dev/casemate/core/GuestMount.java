package dev.casemate.core;

import java.util.List;

/**
 * A file system that the agent mounts.
 *
 * @param driver the agent's storage driver: {@code virtio-fs}, {@code 9p}, {@code ephemeral} …
 * @param source device or tag
 * @param type file system type
 * @param options mount options
 * @param target absolute path in the guest
 */
public record GuestMount(
    String driver, String source, String type, List<String> options, String target) {
  /** Copies the list. */
  public GuestMount {
    options = List.copyOf(options);
  }
}
