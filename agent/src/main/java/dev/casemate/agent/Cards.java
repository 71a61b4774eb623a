package dev.casemate.agent;

import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.MacAddress;
import dev.casemate.linux.netlink.RouteSocket;
import java.util.concurrent.TimeUnit;

/** The machine's network cards, found by the hardware addresses that they came with. */
final class Cards {
  /** What the name of an interface begins with that stands for nothing of the pod's. */
  static final String SPARE_NAME = "spare";

  // A card that is plugged in at this moment; the reference's agent.hotplug_timeout.
  static final long PLUG_NANOS = TimeUnit.SECONDS.toNanos(3);
  static final long POLL_MILLIS = 5;

  private Cards() {}

  /** Whether the interface is of the card that came with this address. */
  static boolean isOf(MacAddress card, Link link) {
    MacAddress its = link.permanentAddress();
    return card.equals(its == null ? link.hardwareAddress() : its);
  }

  /** The interface of a card, which may be plugged in at this moment. */
  static Link await(RouteSocket socket, MacAddress card, String name) throws InterruptedException {
    long deadline = System.nanoTime() + PLUG_NANOS;
    while (true) {
      for (Link link : socket.links()) {
        if (isOf(card, link)) {
          return link;
        }
      }
      if (System.nanoTime() - deadline > 0) {
        throw RequestError.notFound(
            "configure the interface " + name, "the machine has no network card " + card);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** Switches an interface off, unless it is: some things can be changed only then. */
  static void switchOff(RouteSocket socket, Link link) {
    if (link.up()) {
      socket.setUp(link.index(), false);
    }
  }

  /** Takes a name from the interface that has it; its own turn to be named may come later. */
  static void free(RouteSocket socket, String name) {
    socket
        .link(name)
        .ifPresent(other -> {
          switchOff(socket, other);
          socket.rename(other.index(), SPARE_NAME + other.index());
        });
  }
}
