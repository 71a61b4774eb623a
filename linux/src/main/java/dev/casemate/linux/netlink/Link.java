package dev.casemate.linux.netlink;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network interface.
 *
 * @param index its number in its namespace
 * @param name its name
 * @param hardwareAddress null when it has none of six bytes
 * @param permanentAddress the address that its device came with, whatever it has now; null where
 *     the device came with none; since Linux 5.6
 * @param hardwareType {@code ARPHRD_}: see {@link #ethernet()}
 * @param mtu the biggest packet, in bytes
 * @param flags bits of {@code IFF_}: see {@link #up()}, {@link #loopback()}, {@link #noArp()}
 * @param kind such as {@code veth}; empty for a device of a bus and for loopback
 * @param below the index of the interface that it stands on or is connected to; 0 for none
 * @param belowElsewhere whether that index counts in another namespace
 * @param master the index of the bridge or bond that it is a port of; 0 for none
 * @param acceptRa the interface's sysctl {@code accept_ra}; 0 without IPv6
 */
public record Link(
    int index,
    String name,
    @Nullable MacAddress hardwareAddress,
    @Nullable MacAddress permanentAddress,
    int hardwareType,
    int mtu,
    int flags,
    String kind,
    int below,
    boolean belowElsewhere,
    int master,
    int acceptRa) {
  static final int IFF_UP = 0x1;
  private static final int IFF_LOOPBACK = 0x8;
  static final int IFF_NOARP = 0x80;
  private static final int ARPHRD_ETHER = 1;

  /** Checks what must be there. */
  public Link {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(kind, "kind is null");
  }

  /** Whether it is switched on. */
  public boolean up() {
    return (flags & IFF_UP) != 0;
  }

  /** Whether it is the loopback interface. */
  public boolean loopback() {
    return (flags & IFF_LOOPBACK) != 0;
  }

  /** Whether neighbours are not asked for their hardware addresses. */
  public boolean noArp() {
    return (flags & IFF_NOARP) != 0;
  }

  /** Whether its packets are Ethernet frames. */
  public boolean ethernet() {
    return hardwareType == ARPHRD_ETHER;
  }
}
