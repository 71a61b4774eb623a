package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.oci.ContainerStatus;

/** {@code resume}: undoes {@code pause}. */
final class ResumeVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    ContainerId id = invocation.container();
    ContainerStatus status = invocation.host().find(id).status();
    if (status != ContainerStatus.PAUSED) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "resume container " + id,
          "container not paused: it is " + status.text(),
          "only a paused container can be resumed");
    }
    invocation.host().resume(id);
    return 0;
  }
}
