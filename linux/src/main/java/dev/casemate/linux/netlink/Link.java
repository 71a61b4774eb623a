package dev.casemate.linux.netlink;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network interface.
 *
 * @param index its number in its namespace
 * @param name its name
 * @param hardwareAddress null when it has none of six bytes
 * @param mtu the biggest packet, in bytes
 * @param up whether it is switched on
 * @param loopback whether it is the loopback interface
 * @param kind such as {@code veth}; empty for a device of a bus and for loopback
 */
public record Link(
    int index,
    String name,
    @Nullable MacAddress hardwareAddress,
    int mtu,
    boolean up,
    boolean loopback,
    String kind) {
  /** Checks what must be there. */
  public Link {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(kind, "kind is null");
  }
}
