package dev.casemate.linux.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** {@code struct ifaddrmsg} and its attributes: {@code include/uapi/linux/if_addr.h}. */
final class AddressMessages {
  static final int NEW = 20;
  static final int DELETE = 21;
  static final int GET = 22;

  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int IFA_BROADCAST = 4;
  private static final int IFA_FLAGS = 8;
  private static final int IFA_F_NODAD = 0x02;
  private static final int IFA_F_NOPREFIXROUTE = 0x200;
  private static final int IFADDRMSG_BYTES = 8;

  private AddressMessages() {}

  static byte[] all() {
    return new Attributes.Builder().u32(0).u32(0).build();
  }

  /** The address, or null when it is none of IP. */
  static @Nullable InterfaceAddress parse(ByteBuffer body) {
    Attributes attributes = Attributes.parse(body, IFADDRMSG_BYTES);
    // With a peer, IFA_ADDRESS is the peer's; IPv6 has no IFA_LOCAL without one.
    InetAddress local = attributes.address(IFA_LOCAL);
    InetAddress other = attributes.address(IFA_ADDRESS);
    InetAddress address = local == null ? other : local;
    if (address == null) {
      return null;
    }
    return new InterfaceAddress(
        body.getInt(4),
        address,
        Byte.toUnsignedInt(body.get(1)),
        address.equals(other) ? null : other,
        attributes.address(IFA_BROADCAST),
        Route.Scope.of(Byte.toUnsignedInt(body.get(3))),
        (attributes.number(IFA_FLAGS) & IFA_F_NOPREFIXROUTE) == 0);
  }

  static byte[] of(InterfaceAddress address) {
    int family = Attributes.family(address.address());
    InetAddress peer = address.peer();
    Attributes.Builder request =
        new Attributes.Builder()
            .u8(family)
            .u8(address.prefixLength())
            .u8(0)
            .u8(address.scope().number())
            .u32(address.link())
            .attribute(IFA_LOCAL, address.address())
            .attribute(IFA_ADDRESS, peer == null ? address.address() : peer)
            .attribute(
                IFA_FLAGS,
                (family == Attributes.AF_INET6 ? IFA_F_NODAD : 0)
                    | (address.prefixRoute() ? 0 : IFA_F_NOPREFIXROUTE));
    InetAddress broadcast = address.broadcast();
    if (broadcast != null) {
      request.attribute(IFA_BROADCAST, broadcast);
    }
    return request.build();
  }
}
