package dev.casemate.model.network;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A rule that chooses a routing table.
 *
 * @param six whether it is for IPv6
 * @param priority 32 bits
 * @param action {@code FR_ACT_}: 1 to look up in the table
 * @param table 32 bits
 * @param source packets from there; null for all
 * @param sourceLength how many bits of the source count
 * @param destination packets to there; null for all
 * @param destinationLength how many bits of the destination count
 * @param typeOfService 0 to 255
 * @param mark 32 bits
 * @param mask 32 bits; 0 when marks do not matter
 * @param input the name of an interface, or empty
 * @param output the name of an interface, or empty
 * @param inverted whether it is for the packets that do not fit
 * @param suppressedLength -1 for none
 */
public record PodRule(
    boolean six,
    long priority,
    int action,
    long table,
    @Nullable InetAddress source,
    int sourceLength,
    @Nullable InetAddress destination,
    int destinationLength,
    int typeOfService,
    long mark,
    long mask,
    String input,
    String output,
    boolean inverted,
    int suppressedLength) {
  /** Checks what must be there. */
  public PodRule {
    Objects.requireNonNull(input, "input is null");
    Objects.requireNonNull(output, "output is null");
  }
}
