package dev.casemate.model.network;

import java.util.List;
import java.util.Objects;

/**
 * An interface.
 *
 * @param card the hardware address that the machine's network card came with, by which the guest
 *     finds it; six bytes in hex, separated by colons
 * @param name its name
 * @param hardwareAddress the address that it shall have, written like the card's
 * @param mtu the biggest packet, in bytes
 * @param noArp whether neighbours are not asked for their hardware addresses
 * @param acceptRa the interface's sysctl {@code accept_ra}
 * @param addresses its addresses
 */
public record PodInterface(
    String card,
    String name,
    String hardwareAddress,
    int mtu,
    boolean noArp,
    int acceptRa,
    List<PodAddress> addresses) {
  /** Copies the list. */
  public PodInterface {
    Objects.requireNonNull(card, "card is null");
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(hardwareAddress, "hardwareAddress is null");
    addresses = List.copyOf(addresses);
  }
}
