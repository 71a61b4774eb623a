package dev.casemate.host.network;

import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.netlink.Filter;
import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.Redirect;
import dev.casemate.linux.netlink.RouteSocket;
import dev.casemate.linux.netlink.TrafficControl;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.util.List;

/**
 * Connects an interface to a tap by mirrored traffic: whatever comes in by the one leaves by the
 * other, before the namespace's own stack sees it. The interface keeps its addresses, so that the
 * guest can have the same.
 */
final class Mirror {
  /** Ours is the only filter there; any number would do. */
  private static final int PRIORITY = 1;

  private static final int NO_LIMIT = 0;

  private final RouteSocket socket;
  private final TrafficControl control;
  private final String mark;
  private final NetworkOptions.RateLimits limits;

  /**
   * A way to connect.
   *
   * @param socket of the namespace
   * @param mark what our filters are found by, up to 16 bytes of ASCII
   */
  Mirror(RouteSocket socket, String mark, NetworkOptions.RateLimits limits) {
    this.socket = socket;
    this.control = socket.trafficControl();
    this.mark = mark;
    this.limits = limits;
  }

  /**
   * Connects.
   *
   * @throws CasemateException UNSUPPORTED when somebody filters the interface's traffic already
   */
  void connect(Link endpoint, int tap) {
    refuseForeignFilters(endpoint);
    socket.generateNoAddresses(tap);
    socket.setMtu(tap, endpoint.mtu());
    if (!control.hasIngress(endpoint.index())) {
      control.addIngress(endpoint.index());
    }
    if (!control.hasIngress(tap)) {
      control.addIngress(tap);
    }
    control.addRedirect(new Redirect(tap, PRIORITY, endpoint.index(), mark));
    control.addRedirect(new Redirect(endpoint.index(), PRIORITY, tap, mark));
    limit(tap, limits.received());
    limit(endpoint.index(), limits.sent());
    socket.setUp(tap, true);
  }

  private void limit(int link, long rate) {
    if (rate != NO_LIMIT) {
      control.limitRate(link, rate);
    }
  }

  /** Ours would take the packets that theirs are for; but one of a dead sandbox can go. */
  private void refuseForeignFilters(Link endpoint) {
    for (Filter filter : control.filters(endpoint.index())) {
      if (filter instanceof Redirect redirect
          && redirect.target() == 0
          && redirect.cookie().startsWith(TapNetwork.MARK_PREFIX)) {
        clear(control, endpoint.index(), redirect.cookie());
      }
    }
    List<Filter> filters = control.filters(endpoint.index());
    if (!filters.isEmpty()) {
      throw new CasemateException(
          ErrorCode.UNSUPPORTED,
          "connect the interface " + endpoint.name() + " to the machine",
          "its traffic is filtered already: " + filters,
          "remove the filter, or use another network plug-in for this pod");
    }
  }

  /** Has the tap follow a change of the interface. */
  void follow(Link endpoint, Link tap) {
    if (endpoint.mtu() != tap.mtu()) {
      socket.setMtu(tap.index(), endpoint.mtu());
    }
  }

  /** Undoes what is still there to be undone. */
  void disconnect(int endpoint, int tap) {
    ignoringGone(() -> socket.setUp(tap, false));
    for (int link : new int[] {endpoint, tap}) {
      ignoringGone(() -> clear(control, link, mark));
    }
  }

  /** Removes from an interface what carries the mark, and limits that are ours. */
  static void clear(TrafficControl control, int link, String mark) {
    if (!control.hasIngress(link)) {
      return;
    }
    List<Filter> filters = control.filters(link);
    boolean ours = false;
    boolean others = false;
    for (Filter filter : filters) {
      if (filter instanceof Redirect redirect && redirect.cookie().equals(mark)) {
        ours = true;
      } else {
        others = true;
      }
    }
    if (!ours) {
      return;
    }
    control.removeFilters(link, PRIORITY);
    if (!others) {
      control.removeIngress(link);
    }
    control.removeLimit(link);
  }

  private static void ignoringGone(Runnable change) {
    try {
      change.run();
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENODEV && e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }
}
