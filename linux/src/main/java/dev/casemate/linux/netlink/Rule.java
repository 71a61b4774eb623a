package dev.casemate.linux.netlink;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A rule that says which routing table a packet is looked up in.
 *
 * @param six whether it is for IPv6
 * @param priority the lower, the earlier; 32 bits
 * @param action what happens to packets that it fits
 * @param table where {@link Action#LOOK_UP} looks; 0 for other actions; 32 bits
 * @param source packets from there; null for all
 * @param destination packets to there; null for all
 * @param typeOfService packets with this one; 0 for all
 * @param mark packets with this mark under the mask; 32 bits
 * @param mask 0 when marks do not matter; 32 bits
 * @param input packets that come in by the interface with this name; empty for all
 * @param output packets of sockets that are bound to the interface with this name; empty for all
 * @param inverted whether it is for the packets that do not fit
 * @param suppressedLength routes with a prefix this long or shorter do not count; -1 for none
 * @param partial whether the kernel's rule has more to it than is said here; such a rule cannot be
 *     set
 */
public record Rule(
    boolean six,
    long priority,
    Action action,
    long table,
    @Nullable Prefix source,
    @Nullable Prefix destination,
    int typeOfService,
    long mark,
    long mask,
    String input,
    String output,
    boolean inverted,
    int suppressedLength,
    boolean partial) {
  private static final long UNSIGNED = 0xffffffffL;

  /** A network. */
  public record Prefix(InetAddress address, int length) {
    /** Checks the length. */
    public Prefix {
      Attributes.checkPrefix(address, length);
    }
  }

  /** What happens to packets: {@code FR_ACT_}. */
  public enum Action {
    /** They are looked up in the table. */
    LOOK_UP(1),
    /** They vanish. */
    BLACKHOLE(6),
    /** The sender hears that nobody is there. */
    UNREACHABLE(7),
    /** The sender hears that it may not. */
    PROHIBIT(8);

    private final int number;

    Action(int number) {
      this.number = number;
    }

    /** The kernel's number. */
    public int number() {
      return number;
    }

    /** The action with this number, or null. */
    public static @Nullable Action of(int number) {
      for (Action action : values()) {
        if (action.number == number) {
          return action;
        }
      }
      return null;
    }
  }

  /** Checks ranges and families. */
  public Rule {
    Objects.requireNonNull(action, "action is null");
    Objects.requireNonNull(input, "input is null");
    Objects.requireNonNull(output, "output is null");
    if (isNot(priority) || isNot(table) || isNot(mark) || isNot(mask)) {
      throw new IllegalArgumentException("a number of a rule has more than 32 bits");
    }
    if (isOther(six, source) || isOther(six, destination)) {
      throw new IllegalArgumentException("a rule mixes IPv4 and IPv6");
    }
  }

  /** A rule for what comes from a network, as source-based routing uses it. */
  public static Rule from(Prefix source, long table, long priority) {
    boolean six = Attributes.family(source.address()) == Attributes.AF_INET6;
    return new Rule(
        six, priority, Action.LOOK_UP, table, source, null, 0, 0, 0, "", "", false, -1, false);
  }

  private static boolean isNot(long unsigned) {
    return unsigned < 0 || unsigned > UNSIGNED;
  }

  private static boolean isOther(boolean six, @Nullable Prefix prefix) {
    return prefix != null && (Attributes.family(prefix.address()) == Attributes.AF_INET6) != six;
  }
}
