package dev.casemate.model.network;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An address of an interface. It makes no route by itself.
 *
 * @param address IPv4 or IPv6
 * @param prefixLength how many bits name the network: 0 to 32 or 128
 * @param peer the address at the other end of a point-to-point link; null for none
 * @param broadcast IPv4 only; null for none
 * @param scope {@code rt_scope_t}: 0 to 255
 */
public record PodAddress(
    InetAddress address,
    int prefixLength,
    @Nullable InetAddress peer,
    @Nullable InetAddress broadcast,
    int scope) {
  /** Checks what must be there. */
  public PodAddress {
    Objects.requireNonNull(address, "address is null");
  }
}
