package dev.casemate.host.network;

import dev.casemate.linux.netlink.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which interfaces of a namespace a machine gets: every one that carries Ethernet frames and is
 * switched on, whatever its kind. What stands on another interface of the same namespace gets its
 * frames from that one and cannot be taken from it; the guest would see them twice or never.
 *
 * @param links the interfaces that the machine gets, by their numbers
 * @param notes what it does not get and why, a clause each
 */
record Endpoints(List<Link> links, List<String> notes) {
  /** Kinds that stand on another interface; a veth only names its peer as such. */
  private static final Set<String> STACKED =
      Set.of("vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec");

  private static final String BRIDGE = "bridge";

  Endpoints {
    links = List.copyOf(links);
    notes = List.copyOf(notes);
  }

  /**
   * Chooses.
   *
   * @param ours numbers of interfaces that we have made ourselves
   */
  static Endpoints of(List<Link> links, Set<Integer> ours) {
    List<Link> chosen = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (Link link : links) {
      if (link.loopback() || !link.up() || ours.contains(link.index())) {
        continue;
      }
      String why = reasonAgainst(link);
      if (why.isEmpty()) {
        chosen.add(link);
      } else {
        notes.add("the interface " + link.name() + " is not in the machine: " + why);
      }
    }
    return new Endpoints(chosen, notes);
  }

  private static String reasonAgainst(Link link) {
    if (!link.ethernet() || link.hardwareAddress() == null) {
      return "it carries no Ethernet frames";
    }
    if (link.master() != 0) {
      return "it is a port of another one";
    }
    if (link.kind().equals(BRIDGE)) {
      return "it is a bridge within the namespace";
    }
    return STACKED.contains(link.kind()) && link.below() != 0 && !link.belowElsewhere()
        ? "it stands on another one of the same namespace"
        : "";
  }
}
