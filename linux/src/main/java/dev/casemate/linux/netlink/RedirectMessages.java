package dev.casemate.linux.netlink;

import java.nio.charset.StandardCharsets;
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
  private static final int TC_ACT_STOLEN = 4;
  private static final String MIRRED = "mirred";

  /** Where {@code eaction} and {@code ifindex} stand among the ints of struct tc_mirred. */
  private static final int EACTION = 5;

  private static final int IFINDEX = 6;

  /** {@code ETH_P_ALL} in network order. */
  private static final int EVERY_PROTOCOL = 0x0300;

  private static final int PRIORITY_SHIFT = 16;

  private RedirectMessages() {}

  static int info(int priority) {
    return priority << PRIORITY_SHIFT | EVERY_PROTOCOL;
  }

  static int priority(int info) {
    return info >>> PRIORITY_SHIFT;
  }

  static Attributes.Builder options(Redirect redirect) {
    Attributes.Builder selector =
        new Attributes.Builder()
            .u8(TC_U32_TERMINAL)
            .u8(0)
            .u8(1)
            .u8(0)
            .u32(0)
            .u32(0)
            .u32(0)
            // The key: under a mask of nothing everything is equal.
            .u32(0)
            .u32(0)
            .u32(0)
            .u32(0);
    return new Attributes.Builder()
        .attribute(TCA_U32_SEL, selector)
        .attribute(TCA_U32_ACT, new Attributes.Builder().attribute(1, action(redirect)));
  }

  private static Attributes.Builder action(Redirect redirect) {
    Attributes.Builder parameters =
        new Attributes.Builder()
            .u32(0)
            .u32(0)
            .u32(TC_ACT_STOLEN)
            .u32(0)
            .u32(0)
            .u32(TCA_EGRESS_REDIR)
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
