package dev.casemate.model.network;

import java.net.InetAddress;
import java.util.Objects;

/**
 * A neighbour that somebody has entered for good.
 *
 * @param device the interface's name
 * @param address IPv4 or IPv6
 * @param hardwareAddress six bytes in hex, separated by colons
 */
public record PodNeighbour(String device, InetAddress address, String hardwareAddress) {
  /** Checks what must be there. */
  public PodNeighbour {
    Objects.requireNonNull(device, "device is null");
    Objects.requireNonNull(address, "address is null");
    Objects.requireNonNull(hardwareAddress, "hardwareAddress is null");
  }
}
