package dev.casemate.host.network;

import dev.casemate.core.GuestDialer;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Poll;
import dev.casemate.linux.TapDevice;
import dev.casemate.linux.Wakeup;
import dev.casemate.linux.netlink.Filter;
import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.Redirect;
import dev.casemate.linux.netlink.RouteSocket;
import dev.casemate.linux.netlink.TrafficControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Has who connects to loopback in a namespace wait until the guest was asked: a filter on the way
 * out of {@code lo} sends the first packet of each connection to a tap, where it is read here, and
 * whatever is written to the tap comes in by {@code lo} as if it had never been elsewhere. The
 * kernel speaks TCP with the client, before and after; nothing is forged. A platform thread of its
 * own reads.
 */
final class LoopbackGate implements AutoCloseable {
  private static final String TAP_NAME = "casemate-lo";
  private static final int PRIORITY_4 = 1;
  private static final int PRIORITY_6 = 2;

  /** struct virtio_net_hdr; all zero here, since the kernel is offered nothing to leave to us. */
  private static final int HEADER_BYTES = 10;

  /** A SYN has at most 40 bytes of IPv6, 60 of TCP, and what TCP Fast Open sends along. */
  private static final int MOST_BYTES = 4096;

  private static final int MAC_BYTES = 6;

  /**
   * For a packet without a history, the kernel believes no loopback address, and no address of its
   * own, not even on {@code lo}, unless these say so. Packets come in by {@code lo} from nowhere
   * else.
   */
  private static final List<Path> SETTINGS =
      List.of(
          Path.of("/proc/sys/net/ipv4/conf/lo/route_localnet"),
          Path.of("/proc/sys/net/ipv4/conf/lo/accept_local"));

  private final RouteSocket socket;
  private final String mark;
  private final int loopback;
  private final int tapIndex;
  private final TapDevice tap;
  private final byte[] tapAddress;
  private final LoopbackForwarder forwarder;
  private final Wakeup stop = new Wakeup();
  private final Thread reader;

  private LoopbackGate(
      RouteSocket socket,
      String mark,
      int loopback,
      TapDevice tap,
      Link tapLink,
      LoopbackForwarder forwarder) {
    this.socket = socket;
    this.mark = mark;
    this.loopback = loopback;
    this.tap = tap;
    this.forwarder = forwarder;
    tapIndex = tapLink.index();
    tapAddress = HexFormat.ofDelimiter(":").parseHex(String.valueOf(tapLink.hardwareAddress()));
    reader = Thread.ofPlatform().daemon().name("loopback-gate").unstarted(this::readAll);
  }

  /**
   * Opens one, or not: when somebody filters the loopback interface's traffic already, which is
   * told.
   *
   * @param socket of the namespace; used under its owner's lock, here and in {@link #close()}
   * @param mark what our filters are found by
   */
  static Optional<LoopbackGate> open(
      SandboxNamespace namespace,
      RouteSocket socket,
      String mark,
      GuestDialer guest,
      Consumer<String> notes) {
    Link loopback = socket.links().stream().filter(Link::loopback).findFirst().orElse(null);
    if (loopback == null || !isFree(socket.trafficControl(), loopback.index())) {
      notes.accept("connections to loopback do not reach the guest: lo is filtered already");
      return Optional.empty();
    }
    TapDevice tap = namespace.within(() -> TapDevice.open(TAP_NAME, 1));
    try {
      LoopbackGate gate =
          new LoopbackGate(
              socket,
              mark,
              loopback.index(),
              tap,
              socket.link(tap.name()).orElseThrow(),
              new LoopbackForwarder(guest, namespace, notes));
      namespace.within(LoopbackGate::believeLoopback);
      gate.divert();
      gate.reader.start();
      return Optional.of(gate);
    } catch (RuntimeException failure) {
      tap.close();
      clear(socket.trafficControl(), loopback.index(), mark);
      throw failure;
    }
  }

  /** Whether nobody filters there, when what a dead sandbox has left is gone. */
  private static boolean isFree(TrafficControl control, int loopback) {
    for (Filter filter : control.filtersOut(loopback)) {
      if (filter instanceof Redirect redirect
          && redirect.target() == 0
          && redirect.cookie().startsWith(TapNetwork.MARK_PREFIX)) {
        clear(control, loopback, redirect.cookie());
      }
    }
    return !control.hasIngress(loopback);
  }

  private static boolean believeLoopback() {
    for (Path setting : SETTINGS) {
      try {
        Files.writeString(setting, "1");
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
    return true;
  }

  private void divert() {
    TrafficControl control = socket.trafficControl();
    socket.generateNoAddresses(tapIndex);
    control.addIngress(tapIndex);
    control.addReentry(new Redirect(tapIndex, PRIORITY_4, loopback, mark));
    socket.setUp(tapIndex, true);
    control.addIngressAndEgress(loopback);
    control.addDiversion(new Redirect(loopback, PRIORITY_4, tapIndex, mark), /* six= */ false);
    control.addDiversion(new Redirect(loopback, PRIORITY_6, tapIndex, mark), /* six= */ true);
  }

  /** The number of its tap. */
  int tapIndex() {
    return tapIndex;
  }

  private void readAll() {
    Descriptor queue = tap.queues().getFirst();
    byte[] buffer = new byte[MOST_BYTES];
    while (true) {
      List<Poll.Readiness> ready =
          Poll.await(
              List.of(Poll.Interest.readable(queue), Poll.Interest.readable(stop.descriptor())),
              null);
      if (ready.getLast().any()) {
        return;
      }
      int length = queue.read(buffer, 0, buffer.length);
      ConnectionAttempt.parse(buffer, HEADER_BYTES, length)
          .ifPresent(attempt -> {
            byte[] frame = Arrays.copyOf(buffer, length);
            // It is for the interface that it comes in by, or it would be for somebody else.
            System.arraycopy(tapAddress, 0, frame, HEADER_BYTES, MAC_BYTES);
            forwarder.attempt(attempt, () -> admit(queue, frame));
          });
    }
  }

  private static void admit(Descriptor queue, byte[] frame) {
    try {
      queue.writeAll(frame);
    } catch (LinuxException gone) {
      // The sandbox ends at this moment, and its namespace with it.
    }
  }

  @Override
  public void close() {
    stop.signal();
    TapNetwork.join(reader);
    forwarder.close();
    try {
      clear(socket.trafficControl(), loopback, mark);
    } finally {
      tap.close();
      stop.close();
    }
  }

  /** Removes from a loopback interface what carries the mark. */
  static void clear(TrafficControl control, int loopback, String mark) {
    boolean ours = false;
    boolean others = !control.filters(loopback).isEmpty();
    for (Filter filter : control.filtersOut(loopback)) {
      if (filter instanceof Redirect redirect && redirect.cookie().equals(mark)) {
        control.removeDiversion(loopback, filter.priority(), filter.priority() == PRIORITY_6);
        ours = true;
      } else {
        others = true;
      }
    }
    if (ours && !others) {
      control.removeIngress(loopback);
    }
  }
}
