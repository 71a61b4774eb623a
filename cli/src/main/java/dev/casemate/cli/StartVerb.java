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
    ContainerView container = invocation.host().find(id);
    ContainerStatus status = container.status();
    if (status != ContainerStatus.CREATED) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "start container " + id,
          "cannot start a container that is " + status.text() + container.endNote(),
          "only a created container can be started");
    }
    invocation.host().start(id);
    return 0;
  }
}
