package dev.casemate.linux.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** {@code struct ndmsg} and its attributes: {@code include/uapi/linux/neighbour.h}. */
final class NeighbourMessages {
  static final int NEW = 28;
  static final int DELETE = 29;
  static final int GET = 30;

  private static final int NDA_DST = 1;
  private static final int NDA_LLADDR = 2;
  private static final int NTF_PROXY = 0x08;
  private static final int RTN_UNICAST = 1;
  private static final int NDMSG_BYTES = 12;
  private static final int MAC_BYTES = 6;

  private NeighbourMessages() {}

  static byte[] all() {
    return new Attributes.Builder().u32(0).u32(0).u32(0).build();
  }

  /** The neighbour, or null when its hardware address is not known. */
  static @Nullable Neighbour parse(ByteBuffer body) {
    Attributes attributes = Attributes.parse(body, NDMSG_BYTES);
    InetAddress address = attributes.address(NDA_DST);
    byte[] hardware = attributes.bytes(NDA_LLADDR);
    if (address == null || hardware == null || hardware.length != MAC_BYTES) {
      return null;
    }
    return new Neighbour(
        body.getInt(4), address, MacAddress.of(hardware), Short.toUnsignedInt(body.getShort(8)));
  }

  static byte[] of(Neighbour neighbour) {
    return header(neighbour.link(), neighbour.address(), neighbour.state(), 0)
        .attribute(NDA_LLADDR, neighbour.hardwareAddress().bytes())
        .build();
  }

  static byte[] proxy(int link, InetAddress address) {
    return header(link, address, 0, NTF_PROXY).build();
  }

  private static Attributes.Builder header(int link, InetAddress address, int state, int flags) {
    return new Attributes.Builder()
        .u8(Attributes.family(address))
        .u8(0)
        .u16(0)
        .u32(link)
        .u16(state)
        .u8(flags)
        .u8(RTN_UNICAST)
        .attribute(NDA_DST, address);
  }
}
