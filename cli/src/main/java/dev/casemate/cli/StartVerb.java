package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.ContainerStatus;

/** {@code start}: lets the program of a created container run. */
final class StartVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    ContainerId id = invocation.container();
    ContainerStatus status = invocation.host().find(id).status();
    if (status != ContainerStatus.CREATED) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "start container " + id,
          "cannot start a container that is " + status.text(),
          "only a created container can be started");
    }
    invocation.host().start(id);
    return 0;
  }
}
