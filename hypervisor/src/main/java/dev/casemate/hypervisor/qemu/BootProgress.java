package dev.casemate.hypervisor.qemu;

import java.util.List;
import java.util.Optional;

/** What a guest's serial console tells of its boot. The guest writes it: evidence, not truth. */
final class BootProgress {
  private static final String PANIC = "Kernel panic - not syncing";

  /** How many of the console's last lines are worth an error message; the bundle has more. */
  private static final int QUOTED = 3;

  private BootProgress() {}

  /** The panic's own line, if the kernel printed one. */
  static Optional<String> panic(List<String> console) {
    return console.stream().filter(line -> line.contains(PANIC)).reduce((first, last) -> last);
  }

  /**
   * How far the guest got, as a clause.
   *
   * @param portOpened whether the guest has opened the agent's port
   */
  static String describe(List<String> console, boolean portOpened) {
    if (portOpened) {
      return "the agent opened its port but did not answer";
    }
    if (console.isEmpty()) {
      return "the guest printed nothing and never opened the agent's port"
          + " (a healthy kernel is quiet)";
    }
    return "the guest never opened the agent's port; its console ends with \""
        + String.join(" / ", console.subList(Math.max(0, console.size() - QUOTED), console.size()))
        + "\"";
  }
}
