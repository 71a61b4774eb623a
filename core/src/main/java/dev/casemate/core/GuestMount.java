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
 * @param outlives whether it stays until the sandbox ends, and not only until the last container
 *     goes that names it
 */
public record GuestMount(
    String driver,
    String source,
    String type,
    List<String> options,
    String target,
    boolean outlives) {
  /** Copies the list. */
  public GuestMount {
    options = List.copyOf(options);
  }

  /** One that goes with the last container that names it. */
  public GuestMount(
      String driver, String source, String type, List<String> options, String target) {
    this(driver, source, type, options, target, false);
  }

  /** The same until the sandbox ends. */
  public GuestMount outliving() {
    return new GuestMount(driver, source, type, options, target, true);
  }
}
