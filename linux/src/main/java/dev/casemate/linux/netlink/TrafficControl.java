package dev.casemate.linux.netlink;

import dev.casemate.linux.Errno;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.NetlinkSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel does with packets beside routing them: {@code tc(8)}. As {@link RouteSocket},
 * whose conversation it shares.
 *
 * <p>The filter that takes every packet is a {@code u32} with one key that fits always: unlike
 * {@code matchall} it is in every kernel that has filters at all.
 */
public final class TrafficControl {
  /** What a packet's way in is called among the places for filters of an interface. */
  private static final int INGRESS_PARENT = 0xfffffff1;

  /** The handle of the ingress and clsact queueing disciplines: {@code ffff:}. */
  private static final int INGRESS_HANDLE = 0xffff0000;

  /** {@code ffff:fff2}: the filters of the way in, for ingress and clsact alike. */
  private static final int INGRESS_FILTERS = 0xfffffff2;

  /** {@code ffff:fff3}: the filters of the way out, for clsact alone. */
  private static final int EGRESS_FILTERS = 0xfffffff3;

  private static final int ROOT_PARENT = 0xffffffff;

  private static final int RTM_NEWQDISC = 36;
  private static final int RTM_DELQDISC = 37;
  private static final int RTM_GETQDISC = 38;
  private static final int RTM_NEWTFILTER = 44;
  private static final int RTM_DELTFILTER = 45;
  private static final int RTM_GETTFILTER = 46;

  private static final int TCA_KIND = 1;
  private static final int TCA_OPTIONS = 2;
  private static final int TCMSG_BYTES = 20;

  private static final int TCA_TBF_PARMS = 1;
  private static final int TCA_TBF_RATE64 = 4;
  private static final int TCA_TBF_BURST = 6;
  private static final int TC_LINKLAYER_ETHERNET = 1;
  private static final long LARGEST_RATE_OF_32_BITS = 0xffffffffL;

  /** What may pass at once: a frame as big as segmentation offload makes it. */
  private static final int LEAST_BURST_BYTES = 64 * 1024;

  /** Timers are late by milliseconds; the burst is what passes in that time. */
  private static final int BURSTS_A_SECOND = 250;

  /** What waits beyond the burst passes within this part of a second, or is dropped. */
  private static final int LIMITS_A_SECOND = 10;

  private static final int BITS_A_BYTE = 8;

  private final NetlinkSocket socket;

  TrafficControl(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Whether the interface has a place for filters on the way in. */
  public boolean hasIngress(int link) {
    byte[] request = header(link, 0, 0, 0).build();
    // The kernel tells those of all interfaces, whatever the request names.
    for (ByteBuffer body :
        socket.ask(RTM_GETQDISC, NetlinkSocket.DUMP, request, "queues of link " + link)) {
      if (body.capacity() >= TCMSG_BYTES
          && body.getInt(4) == link
          && body.getInt(8) == INGRESS_HANDLE) {
        return true;
      }
    }
    return false;
  }

  /** Makes a place for filters on the way in; {@code EEXIST} when there is one. */
  public void addIngress(int link) {
    addPlaces(link, "ingress");
  }

  /** Makes places for filters on the way in and on the way out; {@code EEXIST} as for the one. */
  public void addIngressAndEgress(int link) {
    addPlaces(link, "clsact");
  }

  private void addPlaces(int link, String kind) {
    byte[] request =
        header(link, INGRESS_HANDLE, INGRESS_PARENT, 0).attribute(TCA_KIND, kind).build();
    ask(
        RTM_NEWQDISC,
        NetlinkSocket.CREATE | NetlinkSocket.EXCLUSIVE,
        request,
        kind + " of link " + link);
  }

  /** Removes the places for filters on the way in and out, with all that are in them. */
  public void removeIngress(int link) {
    byte[] request = header(link, INGRESS_HANDLE, INGRESS_PARENT, 0).build();
    ask(RTM_DELQDISC, 0, request, "ingress of link " + link);
  }

  /** Adds a filter on the way in, behind those that have its priority already. */
  public void addRedirect(Redirect redirect) {
    addFilter(
        redirect,
        INGRESS_FILTERS,
        RedirectMessages.info(redirect.priority()),
        RedirectMessages.options(redirect));
  }

  /** The same, but packets come in by the target instead of leaving by it. */
  public void addReentry(Redirect redirect) {
    addFilter(
        redirect,
        INGRESS_FILTERS,
        RedirectMessages.info(redirect.priority()),
        RedirectMessages.reentry(redirect));
  }

  /**
   * Adds a filter on the way out that sends by another interface what begins a TCP connection to a
   * loopback address: to 127.0.0.0/8, or to ::1.
   *
   * @param six whether it is IPv6 that is filtered; a priority belongs to one of the two
   */
  public void addDiversion(Redirect redirect, boolean six) {
    addFilter(
        redirect,
        EGRESS_FILTERS,
        RedirectMessages.info(redirect.priority(), six),
        RedirectMessages.diversion(redirect, six));
  }

  private void addFilter(Redirect redirect, int place, int info, Attributes.Builder options) {
    byte[] request =
        header(redirect.link(), 0, place, info)
            .attribute(TCA_KIND, RedirectMessages.KIND)
            .attribute(TCA_OPTIONS, options)
            .build();
    ask(
        RTM_NEWTFILTER,
        NetlinkSocket.CREATE | NetlinkSocket.EXCLUSIVE,
        request,
        redirect.toString());
  }

  /** Removes the filters of one priority on the way in. */
  public void removeFilters(int link, int priority) {
    byte[] request = header(link, 0, INGRESS_FILTERS, RedirectMessages.info(priority)).build();
    ask(RTM_DELTFILTER, 0, request, "filters of link " + link);
  }

  /** Removes what {@link #addDiversion} added with one priority. */
  public void removeDiversion(int link, int priority, boolean six) {
    byte[] request = header(link, 0, EGRESS_FILTERS, RedirectMessages.info(priority, six)).build();
    ask(RTM_DELTFILTER, 0, request, "filters of link " + link);
  }

  /** The filters on an interface's way in; none where there is no place for them. */
  public List<Filter> filters(int link) {
    return filters(link, INGRESS_FILTERS);
  }

  /** The filters on an interface's way out; none where there is no place for them. */
  public List<Filter> filtersOut(int link) {
    return filters(link, EGRESS_FILTERS);
  }

  private List<Filter> filters(int link, int place) {
    if (!hasIngress(link)) {
      return List.of();
    }
    byte[] request = header(link, 0, place, 0).build();
    List<Filter> filters = new ArrayList<>();
    for (ByteBuffer body :
        socket.ask(RTM_GETTFILTER, NetlinkSocket.DUMP, request, "filters of link " + link)) {
      Attributes attributes = Attributes.parse(body, TCMSG_BYTES);
      RedirectMessages.parse(
              link,
              RedirectMessages.priority(body.getInt(16)),
              attributes.text(TCA_KIND),
              attributes.nested(TCA_OPTIONS))
          .ifPresent(filters::add);
    }
    return List.copyOf(filters);
  }

  /**
   * Lets no more than so much leave on an interface; what comes too fast waits for up to a tenth of
   * a second and is dropped then. {@code EEXIST} when somebody has set queues already.
   *
   * @param bitsPerSecond at least 8
   */
  public void limitRate(int link, long bitsPerSecond) {
    long rate = bitsPerSecond / BITS_A_BYTE;
    if (rate <= 0) {
      throw new IllegalArgumentException(bitsPerSecond + " bit/s is less than a byte a second");
    }
    long burst = Math.max(LEAST_BURST_BYTES, rate / BURSTS_A_SECOND);
    int burstBytes = (int) Math.min(burst, Integer.MAX_VALUE / 2);
    int limitBytes = (int) Math.min(burstBytes + rate / LIMITS_A_SECOND, Integer.MAX_VALUE);
    Attributes.Builder parameters =
        new Attributes.Builder()
            .u8(0)
            .u8(TC_LINKLAYER_ETHERNET)
            .u16(0)
            .u16(0)
            .u16(0)
            .u32((int) Math.min(rate, LARGEST_RATE_OF_32_BITS))
            // No peak rate.
            .u32(0)
            .u32(0)
            .u32(0)
            .u32(limitBytes)
            .u32(0)
            .u32(0);
    Attributes.Builder options =
        new Attributes.Builder()
            .attribute(TCA_TBF_PARMS, parameters)
            .attribute(TCA_TBF_BURST, burstBytes);
    if (rate >= LARGEST_RATE_OF_32_BITS) {
      options.attribute(TCA_TBF_RATE64, new Attributes.Builder().u64(rate));
    }
    byte[] request =
        header(link, 0, ROOT_PARENT, 0)
            .attribute(TCA_KIND, "tbf")
            .attribute(TCA_OPTIONS, options)
            .build();
    ask(
        RTM_NEWQDISC,
        NetlinkSocket.CREATE | NetlinkSocket.EXCLUSIVE,
        request,
        "rate of link " + link);
  }

  /** Undoes {@link #limitRate}; nothing happens where nobody has set queues. */
  public void removeLimit(int link) {
    try {
      ask(RTM_DELQDISC, 0, header(link, 0, ROOT_PARENT, 0).build(), "rate of link " + link);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  private static Attributes.Builder header(int link, int handle, int parent, int info) {
    return new Attributes.Builder().u32(0).u32(link).u32(handle).u32(parent).u32(info);
  }

  private void ask(int type, int flags, byte[] request, String subject) {
    List<ByteBuffer> ignored = socket.ask(type, flags, request, subject);
  }
}
