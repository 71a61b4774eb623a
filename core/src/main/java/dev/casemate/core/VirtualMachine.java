package dev.casemate.core;

import dev.casemate.model.CasemateException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * One virtual machine, from its VMM's start to its end. Thread-safe; every method works in every
 * state, and stopping twice is stopping once.
 */
public interface VirtualMachine {
  /** The VMM's process id on the host. */
  long pid();

  /** What was launched, for people and for the state file. */
  MachineSummary summary();

  /**
   * Opens the channel to the guest's agent, waiting until VMM and guest offer it. At most once.
   *
   * @throws CasemateException VMM_DIED, GUEST_PANIC or TIMED_OUT, already classified
   */
  GuestChannel openAgentChannel(Duration bound);

  /** Completes when the VMM process has ended, never exceptionally. */
  CompletableFuture<VmExit> exit();

  /**
   * Explains a failure to reach or to keep the agent by what VMM, console and control group tell,
   * keeps a crash bundle, and returns the error to report; the given one is its cause.
   */
  CasemateException explain(CasemateException failure);

  /**
   * Ends the machine: the VMM is asked to quit and killed when it does not within the bound.
   * Returns when the process is gone. The exit counts as {@link VmExit.Requested}.
   */
  void stop(Duration bound);
}
