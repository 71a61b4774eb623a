package dev.casemate.linux.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code struct fib_rule_hdr} and its attributes: {@code include/uapi/linux/fib_rules.h}. */
final class RuleMessages {
  static final int NEW = 32;
  static final int DELETE = 33;
  static final int GET = 34;

  private static final int FRA_DST = 1;
  private static final int FRA_SRC = 2;
  private static final int FRA_IIFNAME = 3;
  private static final int FRA_PRIORITY = 6;
  private static final int FRA_FWMARK = 10;
  private static final int FRA_SUPPRESS_PREFIXLEN = 14;
  private static final int FRA_TABLE = 15;
  private static final int FRA_FWMASK = 16;
  private static final int FRA_OIFNAME = 17;
  private static final int FRA_PROTOCOL = 21;
  private static final int FIB_RULE_INVERT = 2;
  private static final int HEADER_BYTES = 12;
  private static final int BYTE = 0xff;

  /** What a rule is fully told by; who made it does not matter. */
  private static final Set<Integer> UNDERSTOOD =
      Set.of(
          FRA_DST,
          FRA_SRC,
          FRA_IIFNAME,
          FRA_PRIORITY,
          FRA_FWMARK,
          FRA_SUPPRESS_PREFIXLEN,
          FRA_TABLE,
          FRA_FWMASK,
          FRA_OIFNAME,
          FRA_PROTOCOL);

  private RuleMessages() {}

  static byte[] all(int family) {
    return new Attributes.Builder().u8(family).u8(0).u16(0).u32(0).u32(0).build();
  }

  /** The rule, or null when it is of another family, with which a kernel without IPv6 answers. */
  static @Nullable Rule parse(int family, ByteBuffer body) {
    Attributes attributes = Attributes.parse(body, HEADER_BYTES);
    if (body.get(0) != family) {
      return null;
    }
    Rule.Action action = Rule.Action.of(Byte.toUnsignedInt(body.get(7)));
    boolean looksUp = action == Rule.Action.LOOK_UP;
    return new Rule(
        family == Attributes.AF_INET6,
        attributes.unsigned(FRA_PRIORITY),
        action == null ? Rule.Action.LOOK_UP : action,
        looksUp ? attributes.unsigned(FRA_TABLE) : 0,
        prefix(attributes.address(FRA_SRC), body.get(2)),
        prefix(attributes.address(FRA_DST), body.get(1)),
        Byte.toUnsignedInt(body.get(3)),
        attributes.unsigned(FRA_FWMARK),
        attributes.unsigned(FRA_FWMASK),
        attributes.text(FRA_IIFNAME),
        attributes.text(FRA_OIFNAME),
        (body.getInt(8) & FIB_RULE_INVERT) != 0,
        attributes.has(FRA_SUPPRESS_PREFIXLEN) ? attributes.number(FRA_SUPPRESS_PREFIXLEN) : -1,
        action == null || !UNDERSTOOD.containsAll(attributes.types()));
  }

  private static Rule.@Nullable Prefix prefix(@Nullable InetAddress address, byte length) {
    return address == null ? null : new Rule.Prefix(address, Byte.toUnsignedInt(length));
  }

  static byte[] of(Rule rule) {
    if (rule.partial()) {
      throw new IllegalArgumentException("it is not all known what this rule is: " + rule);
    }
    Rule.Prefix source = rule.source();
    Rule.Prefix destination = rule.destination();
    Attributes.Builder request =
        new Attributes.Builder()
            .u8(rule.six() ? Attributes.AF_INET6 : Attributes.AF_INET)
            .u8(destination == null ? 0 : destination.length())
            .u8(source == null ? 0 : source.length())
            .u8(rule.typeOfService())
            .u8(rule.table() > BYTE ? 0 : (int) rule.table())
            .u8(0)
            .u8(0)
            .u8(rule.action().number())
            .u32(rule.inverted() ? FIB_RULE_INVERT : 0)
            .attribute(FRA_PRIORITY, (int) rule.priority());
    if (rule.action() == Rule.Action.LOOK_UP) {
      request.attribute(FRA_TABLE, (int) rule.table());
    }
    if (source != null) {
      request.attribute(FRA_SRC, source.address());
    }
    if (destination != null) {
      request.attribute(FRA_DST, destination.address());
    }
    if (rule.mask() != 0) {
      request.attribute(FRA_FWMARK, (int) rule.mark()).attribute(FRA_FWMASK, (int) rule.mask());
    }
    if (!rule.input().isEmpty()) {
      request.attribute(FRA_IIFNAME, rule.input());
    }
    if (!rule.output().isEmpty()) {
      request.attribute(FRA_OIFNAME, rule.output());
    }
    if (rule.suppressedLength() >= 0) {
      request.attribute(FRA_SUPPRESS_PREFIXLEN, rule.suppressedLength());
    }
    return request.build();
  }
}
