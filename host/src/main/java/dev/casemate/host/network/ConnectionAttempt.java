package dev.casemate.host.network;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The first packet of a TCP connection.
 *
 * @param from who connects
 * @param to whom
 */
record ConnectionAttempt(InetSocketAddress from, InetSocketAddress to) {
  private static final int ETHERNET_BYTES = 14;
  private static final int TYPE_OFFSET = 12;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int TCP = 6;
  private static final int PORTS_BYTES = 4;

  /** Where things stand behind the Ethernet header, in one version of IP; no options. */
  private record Layout(int protocol, int source, int addressBytes, int bytes) {
    static final Layout FOUR = new Layout(9, 12, 4, 20);
    static final Layout SIX = new Layout(6, 8, 16, 40);
  }

  /** Whether it is IPv6. */
  boolean six() {
    return to.getAddress().getAddress().length == Layout.SIX.addressBytes();
  }

  /**
   * Reads an Ethernet frame that a filter for such packets has let through.
   *
   * @return empty for anything else, which a kernel sends unasked on any interface
   */
  static Optional<ConnectionAttempt> parse(byte[] frame, int start, int end) {
    ByteBuffer at = ByteBuffer.wrap(frame);
    if (end - start < ETHERNET_BYTES) {
      return Optional.empty();
    }
    int type = Short.toUnsignedInt(at.getShort(start + TYPE_OFFSET));
    return switch (type) {
      case IPV4 -> parse(at, start + ETHERNET_BYTES, end, Layout.FOUR);
      case IPV6 -> parse(at, start + ETHERNET_BYTES, end, Layout.SIX);
      default -> Optional.empty();
    };
  }

  private static Optional<ConnectionAttempt> parse(ByteBuffer at, int ip, int end, Layout layout) {
    int tcp = ip + layout.bytes();
    if (end < tcp + PORTS_BYTES || at.get(ip + layout.protocol()) != TCP) {
      return Optional.empty();
    }
    byte[] source = new byte[layout.addressBytes()];
    byte[] target = new byte[layout.addressBytes()];
    at.get(ip + layout.source(), source);
    at.get(ip + layout.source() + layout.addressBytes(), target);
    int from = Short.toUnsignedInt(at.getShort(tcp));
    int to = Short.toUnsignedInt(at.getShort(tcp + Short.BYTES));
    try {
      return Optional.of(
          new ConnectionAttempt(
              new InetSocketAddress(InetAddress.getByAddress(source), from),
              new InetSocketAddress(InetAddress.getByAddress(target), to)));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
