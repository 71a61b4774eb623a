package dev.casemate.model.network;

import java.net.InetAddress;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A route; {@code rtnetlink(7)} says what the numbers mean.
 *
 * @param destination where to; the unspecified address for the default route
 * @param prefixLength how many bits of the destination count: 0 to 32 or 128
 * @param kind {@code RTN_}: 1 for one that leads somewhere
 * @param gateway the next hop; null when the destination is on the link
 * @param device the interface's name; empty for a kind that leads nowhere
 * @param source the address to send from; null for the kernel's choice
 * @param scope {@code rt_scope_t}: 0 to 255
 * @param metric 32 bits; 0 for the kernel's default
 * @param metrics numbers by their {@code RTAX_} number: 2 is the MTU
 * @param onLink whether the gateway is on the link although no address says so
 * @param table 32 bits; 254 is the main one
 * @param protocol {@code RTPROT_}: 0 to 255
 * @param typeOfService 0 to 255
 */
public record PodRoute(
    InetAddress destination,
    int prefixLength,
    int kind,
    @Nullable InetAddress gateway,
    String device,
    @Nullable InetAddress source,
    int scope,
    long metric,
    Map<Integer, Integer> metrics,
    boolean onLink,
    long table,
    int protocol,
    int typeOfService) {
  /** Copies the map. */
  public PodRoute {
    Objects.requireNonNull(destination, "destination is null");
    Objects.requireNonNull(device, "device is null");
    metrics = Map.copyOf(metrics);
  }
}
