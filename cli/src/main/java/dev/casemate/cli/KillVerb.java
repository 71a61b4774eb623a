package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.core.ContainerState;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.ContainerStatus;
import java.util.List;

/** {@code kill}: sends a signal. */
final class KillVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    ContainerId id = invocation.container();
    List<String> arguments = invocation.line().arguments();
    boolean all = invocation.line().has(Flags.ALL);
    ContainerView container = invocation.host().find(id);
    int signal = arguments.size() > 1 ? Signals.parse(arguments.get(1)) : Signals.TERM;
    if (container.status() == ContainerStatus.STOPPED) {
      if (all) {
        // Engines sweep up like this after the end; nothing is left to signal.
        return 0;
      }
      // Engines look for these words to tell a process that is gone from a failure.
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "signal container " + id,
          "container not running" + container.endNote(),
          ContainerState.Stopped.ADVICE);
    }
    invocation.host().kill(id, signal, all);
    return 0;
  }
}
