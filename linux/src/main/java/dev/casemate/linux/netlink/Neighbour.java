package dev.casemate.linux.netlink;

import java.net.InetAddress;
import java.util.Objects;

/**
 * A neighbour whose hardware address is known.
 *
 * @param link the interface's index
 * @param address IPv4 or IPv6
 * @param hardwareAddress where it answers
 * @param state bits of {@code NUD_}: {@link #PERMANENT} for one that never expires
 */
public record Neighbour(int link, InetAddress address, MacAddress hardwareAddress, int state) {
  /** {@code NUD_PERMANENT}. */
  public static final int PERMANENT = 0x80;

  /** {@code NUD_REACHABLE}. */
  public static final int REACHABLE = 0x02;

  /** Checks what must be there. */
  public Neighbour {
    Objects.requireNonNull(address, "address is null");
    Objects.requireNonNull(hardwareAddress, "hardwareAddress is null");
    if (state < 0 || state > 0xffff) {
      throw new IllegalArgumentException("the state of a neighbour has 16 bits");
    }
  }
}
