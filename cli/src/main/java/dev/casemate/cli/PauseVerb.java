package dev.casemate.cli;

import dev.casemate.core.ContainerState;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.ContainerStatus;

/** {@code pause}: freezes a container. */
final class PauseVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    ContainerId id = invocation.container();
    ContainerStatus status = invocation.host().find(id).status();
    if (status != ContainerStatus.RUNNING && status != ContainerStatus.CREATED) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "pause container " + id,
          "container not running or created: " + status.text(),
          status == ContainerStatus.STOPPED
              ? ContainerState.Stopped.ADVICE
              : "only a running container can be paused");
    }
    invocation.host().pause(id);
    return 0;
  }
}
