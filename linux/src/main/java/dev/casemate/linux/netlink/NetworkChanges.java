package dev.casemate.linux.netlink;

import dev.casemate.linux.NetlinkSocket;
import dev.casemate.linux.Wakeup;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears that interfaces, addresses, routes or rules of the namespace that it was opened in have
 * changed; not which: whoever is told looks anew. For one thread at a time.
 */
public final class NetworkChanges implements AutoCloseable {
  // RTNLGRP_: include/uapi/linux/rtnetlink.h. Not the neighbours', which change all the time.
  private static final int LINK = 1;
  private static final int IPV4_ADDRESS = 5;
  private static final int IPV4_ROUTE = 7;
  private static final int IPV4_RULE = 8;
  private static final int IPV6_ADDRESS = 9;
  private static final int IPV6_ROUTE = 11;
  private static final int IPV6_RULE = 19;

  private final NetlinkSocket socket;

  private NetworkChanges(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Listens in the network namespace of the calling thread, from now on. */
  public static NetworkChanges listen() {
    return new NetworkChanges(
        NetlinkSocket.openRouteListener(
            LINK, IPV4_ADDRESS, IPV4_ROUTE, IPV4_RULE, IPV6_ADDRESS, IPV6_ROUTE, IPV6_RULE));
  }

  /**
   * Waits for a change, on a platform thread, and forgets all that have happened by then.
   *
   * @param timeout how long at most; null waits for ever
   * @param stop ends the wait when it is signalled
   * @return false when the time is over or the wake-up was signalled
   */
  public boolean await(@Nullable Duration timeout, Wakeup stop) {
    return socket.awaitNotices(timeout, stop);
  }

  @Override
  public void close() {
    socket.close();
  }
}
