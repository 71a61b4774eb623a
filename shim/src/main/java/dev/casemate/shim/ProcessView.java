package dev.casemate.shim;

import dev.casemate.core.ExitStatus;
import dev.casemate.shim.containerd.Status;
import org.jspecify.annotations.Nullable;

/**
 * A process as State, Wait and Delete show it.
 *
 * @param id the exec id, or the container's own
 * @param pid its stand-in's number, 0 before it runs
 * @param exit null while it has not ended
 */
record ProcessView(String id, int pid, Status status, Stdio stdio, @Nullable ExitStatus exit) {
  /** The exit code, 0 while it has not ended. */
  int exitCode() {
    return exit == null ? 0 : exit.code();
  }
}
