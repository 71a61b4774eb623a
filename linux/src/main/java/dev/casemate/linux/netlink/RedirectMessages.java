package dev.casemate.linux.netlink;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The {@code u32} filter with a {@code mirred} action: {@code include/uapi/linux/pkt_cls.h} and
 * {@code tc_act/tc_mirred.h}.
 */
final class RedirectMessages {
  static final String KIND = "u32";

  private static final int TCA_U32_SEL = 5;
  private static final int TCA_U32_ACT = 7;
  private static final int TC_U32_TERMINAL = 1;
  private static final int TCA_ACT_KIND = 1;
  private static final int TCA_ACT_OPTIONS = 2;
  private static final int TCA_ACT_COOKIE = 6;
  private static final int TCA_MIRRED_PARMS = 2;
  private static final int TCA_EGRESS_REDIR = 1;
  private static final int TCA_INGRESS_REDIR = 3;
  private static final int TC_ACT_STOLEN = 4;
  private static final String MIRRED = "mirred";

  /** Where {@code eaction} and {@code ifindex} stand among the ints of struct tc_mirred. */
  private static final int EACTION = 5;

  private static final int IFINDEX = 6;

  /** {@code ETH_P_ALL} in network order. */
  private static final int EVERY_PROTOCOL = 0x0300;

  private static final int PRIORITY_SHIFT = 16;

  /** A key that fits always: under a mask of nothing everything is equal. */
  private static final List<Key> EVERYTHING = List.of(new Key(0, 0, 0));

  /** A SYN, and not its answer: among the flags in the fourth word of a TCP header. */
  private static final int FLAGS = 0x0012_0000;

  private static final int SYN = 0x0002_0000;

  /**
   * IPv4 without options, TCP, to 127.0.0.0/8, a SYN. Who sets options on loopback is not held up.
   */
  private static final List<Key> CONNECTS_TO_LOOPBACK_4 =
      List.of(
          new Key(0xff00_0000, 0x4500_0000, 0),
          new Key(0x00ff_0000, 0x0006_0000, 8),
          new Key(0xff00_0000, 0x7f00_0000, 16),
          new Key(FLAGS, SYN, 20 + 12));

  /** TCP right behind the header of IPv6, to ::1, a SYN. */
  private static final List<Key> CONNECTS_TO_LOOPBACK_6 =
      List.of(
          new Key(0x0000_ff00, 0x0000_0600, 4),
          new Key(-1, 0, 24),
          new Key(-1, 0, 28),
          new Key(-1, 0, 32),
          new Key(-1, 1, 36),
          new Key(FLAGS, SYN, 40 + 12));

  /** {@code ETH_P_IP} and {@code ETH_P_IPV6} in network order. */
  private static final int IPV4 = 0x0008;

  private static final int IPV6 = 0xdd86;

  private RedirectMessages() {}

  /** What is looked for: a word at so many bytes behind the start of a packet's IP header. */
  private record Key(int mask, int value, int offset) {}

  static int info(int priority) {
    return priority << PRIORITY_SHIFT | EVERY_PROTOCOL;
  }

  static int info(int priority, boolean six) {
    return priority << PRIORITY_SHIFT | (six ? IPV6 : IPV4);
  }

  static int priority(int info) {
    return info >>> PRIORITY_SHIFT;
  }

  static Attributes.Builder options(Redirect redirect) {
    return options(redirect, EVERYTHING, TCA_EGRESS_REDIR);
  }

  /** Every packet, as if it had come in by the target. */
  static Attributes.Builder reentry(Redirect redirect) {
    return options(redirect, EVERYTHING, TCA_INGRESS_REDIR);
  }

  /** What connects to loopback. */
  static Attributes.Builder diversion(Redirect redirect, boolean six) {
    return options(
        redirect, six ? CONNECTS_TO_LOOPBACK_6 : CONNECTS_TO_LOOPBACK_4, TCA_EGRESS_REDIR);
  }

  private static Attributes.Builder options(Redirect redirect, List<Key> keys, int way) {
    Attributes.Builder selector =
        new Attributes.Builder()
            .u8(TC_U32_TERMINAL)
            .u8(0)
            .u8(keys.size())
            .u8(0)
            .u32(0)
            .u32(0)
            .u32(0);
    for (Key key : keys) {
      selector
          .u32(Integer.reverseBytes(key.mask()))
          .u32(Integer.reverseBytes(key.value()))
          .u32(key.offset())
          .u32(0);
    }
    return new Attributes.Builder()
        .attribute(TCA_U32_SEL, selector)
        .attribute(TCA_U32_ACT, new Attributes.Builder().attribute(1, action(redirect, way)));
  }

  private static Attributes.Builder action(Redirect redirect, int way) {
    Attributes.Builder parameters =
        new Attributes.Builder()
            .u32(0)
            .u32(0)
            .u32(TC_ACT_STOLEN)
            .u32(0)
            .u32(0)
            .u32(way)
            .u32(redirect.target());
    Attributes.Builder action =
        new Attributes.Builder()
            .attribute(TCA_ACT_KIND, MIRRED)
            .attribute(
                TCA_ACT_OPTIONS, new Attributes.Builder().attribute(TCA_MIRRED_PARMS, parameters));
    if (!redirect.cookie().isEmpty()) {
      action.attribute(TCA_ACT_COOKIE, redirect.cookie().getBytes(StandardCharsets.US_ASCII));
    }
    return action;
  }

  /** The filter, or empty for what only belongs to one: the hash tables of {@code u32}. */
  static Optional<Filter> parse(int link, int priority, String kind, Attributes options) {
    if (!kind.equals(KIND)) {
      return Optional.of(new Filter.Other(link, priority, kind));
    }
    if (!options.has(TCA_U32_SEL)) {
      return Optional.empty();
    }
    Attributes action = options.nested(TCA_U32_ACT).nested(1);
    Attributes mirred = action.nested(TCA_ACT_OPTIONS);
    if (!action.text(TCA_ACT_KIND).equals(MIRRED)
        || mirred.element(TCA_MIRRED_PARMS, EACTION, 0) != TCA_EGRESS_REDIR) {
      return Optional.of(new Filter.Other(link, priority, kind));
    }
    byte[] cookie = action.bytes(TCA_ACT_COOKIE);
    return Optional.of(
        new Redirect(
            link,
            priority,
            mirred.element(TCA_MIRRED_PARMS, IFINDEX, 0),
            cookie == null ? "" : new String(cookie, StandardCharsets.US_ASCII)));
  }
}
