package dev.casemate.cli;

import dev.casemate.core.MachineSummary;
import dev.casemate.core.Phases;
import java.util.List;
import java.util.Optional;

/**
 * What came of a {@link Creation}, for people.
 *
 * @param machine the machine that was booted; empty for a further process
 * @param phases how long each step took
 */
record CreationReport(Optional<MachineSummary> machine, List<Phases.Phase> phases) {
  /** Nothing to tell. */
  static final CreationReport NONE = new CreationReport(Optional.empty(), List.of());

  /** Copies the list. */
  CreationReport {
    phases = List.copyOf(phases);
  }
}
