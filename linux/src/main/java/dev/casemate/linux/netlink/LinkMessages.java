package dev.casemate.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** {@code struct ifinfomsg} and its attributes: {@code include/uapi/linux/if_link.h}. */
final class LinkMessages {
  static final int NEW = 16;
  static final int DELETE = 17;
  static final int GET = 18;

  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_LINK = 5;
  private static final int IFLA_MASTER = 10;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_AF_SPEC = 26;
  private static final int IFLA_EXT_MASK = 29;
  private static final int IFLA_LINK_NETNSID = 37;
  private static final int IFLA_PERM_ADDRESS = 54;
  private static final int IFLA_INET6_CONF = 2;
  private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
  private static final int IN6_ADDR_GEN_MODE_NONE = 1;
  private static final int DEVCONF_ACCEPT_RA = 3;
  private static final int RTEXT_FILTER_SKIP_STATS = 8;
  private static final int IFINFOMSG_BYTES = 16;
  private static final int MAC_BYTES = 6;

  private LinkMessages() {}

  static Link parse(ByteBuffer body) {
    Attributes attributes = Attributes.parse(body, IFINFOMSG_BYTES);
    Attributes six = attributes.nested(IFLA_AF_SPEC).nested(Attributes.AF_INET6);
    return new Link(
        body.getInt(4),
        attributes.text(IFLA_IFNAME),
        mac(attributes, IFLA_ADDRESS),
        mac(attributes, IFLA_PERM_ADDRESS),
        Short.toUnsignedInt(body.getShort(2)),
        attributes.number(IFLA_MTU),
        body.getInt(8),
        attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND),
        attributes.number(IFLA_LINK),
        attributes.has(IFLA_LINK_NETNSID),
        attributes.number(IFLA_MASTER),
        six.element(IFLA_INET6_CONF, DEVCONF_ACCEPT_RA, 0));
  }

  private static @Nullable MacAddress mac(Attributes attributes, int type) {
    byte[] bytes = attributes.bytes(type);
    return bytes == null || bytes.length != MAC_BYTES ? null : MacAddress.of(bytes);
  }

  static byte[] all() {
    return header(0, 0, 0).attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS).build();
  }

  static byte[] ofKind(String name, String kind) {
    return header(0, 0, 0)
        .attribute(IFLA_IFNAME, checkedName(name))
        .attribute(IFLA_LINKINFO, new Attributes.Builder().attribute(IFLA_INFO_KIND, kind))
        .build();
  }

  static byte[] plain(int link) {
    return header(link, 0, 0).build();
  }

  static byte[] flags(int link, int flags, int change) {
    return header(link, flags, change).build();
  }

  static byte[] mtu(int link, int mtu) {
    return header(link, 0, 0).attribute(IFLA_MTU, mtu).build();
  }

  static byte[] hardwareAddress(int link, MacAddress address) {
    return header(link, 0, 0).attribute(IFLA_ADDRESS, address.bytes()).build();
  }

  static byte[] name(int link, String name) {
    return header(link, 0, 0).attribute(IFLA_IFNAME, checkedName(name)).build();
  }

  static byte[] noGeneratedAddresses(int link) {
    Attributes.Builder six =
        new Attributes.Builder()
            .attribute(IFLA_INET6_ADDR_GEN_MODE, new byte[] {IN6_ADDR_GEN_MODE_NONE});
    return header(link, 0, 0)
        .attribute(IFLA_AF_SPEC, new Attributes.Builder().attribute(Attributes.AF_INET6, six))
        .build();
  }

  private static Attributes.Builder header(int link, int flags, int change) {
    return new Attributes.Builder().u32(0).u32(link).u32(flags).u32(change);
  }

  private static String checkedName(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > RouteSocket.MAX_NAME_BYTES || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the name of an interface has 1 to " + RouteSocket.MAX_NAME_BYTES + " bytes");
    }
    return name;
  }
}
