package dev.casemate.core;

import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.State;
import java.util.List;

/** Runs OCI hooks on the host. */
public interface HookRunner {
  /** When a hook runs, and what its failure means. */
  enum Moment {
    /**
     * Before the container is made, in the runtime's namespaces (deprecated in the specification).
     */
    PRESTART,
    /** The same, by its present name. */
    CREATE_RUNTIME,
    /** In the sandbox's namespaces. */
    CREATE_CONTAINER,
    /** After the first process was let go. */
    POSTSTART,
    /** After the container was deleted. */
    POSTSTOP;

    /** Whether a failure undoes the operation; otherwise it is only logged. */
    public boolean fatal() {
      return this != POSTSTART && this != POSTSTOP;
    }
  }

  /**
   * Runs the hooks one after the other.
   *
   * @param state the container as hooks see it, on their standard input
   * @throws dev.casemate.model.CasemateException HOOK_FAILED, when failure is fatal at this moment
   */
  void run(Moment moment, List<Hook> hooks, State state);
}
