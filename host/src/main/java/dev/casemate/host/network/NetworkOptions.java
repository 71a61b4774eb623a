package dev.casemate.host.network;

/**
 * How a sandbox is connected.
 *
 * @param queues queues of each card: 1 to 256
 * @param spareCards cards for interfaces that come later, on a machine that takes none while it
 *     runs; a namespace that is given with interfaces in it has none coming
 * @param limits how fast traffic may be
 */
public record NetworkOptions(int queues, int spareCards, RateLimits limits) {
  /**
   * How fast the traffic of each interface may be, in bits per second; 0 for no limit.
   *
   * @param received by the guest
   * @param sent by the guest
   */
  public record RateLimits(long received, long sent) {}
}
