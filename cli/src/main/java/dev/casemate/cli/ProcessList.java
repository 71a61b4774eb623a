package dev.casemate.cli;

import dev.casemate.core.GuestProcessInfo;
import java.util.List;

/**
 * The processes of a container.
 *
 * @param guest as the guest's kernel sees them
 * @param hostPids the stand-ins of those that this runtime started, which engines know on the host
 */
record ProcessList(List<GuestProcessInfo> guest, List<Long> hostPids) {
  /** Copies the lists. */
  ProcessList {
    guest = List.copyOf(guest);
    hostPids = List.copyOf(hostPids);
  }
}
