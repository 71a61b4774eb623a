package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;

/** {@code delete}: removes a container. Whether its state allows that is the host's to decide. */
final class DeleteVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    ContainerId id = invocation.container();
    boolean force = invocation.line().has(Flags.FORCE);
    try {
      String bundle = invocation.host().find(id).bundle();
      invocation.host().delete(id, force);
      TemporaryBundle.removeIfOurs(bundle);
    } catch (CasemateException failure) {
      if (!force || failure.code() != ErrorCode.NOT_FOUND) {
        throw failure;
      }
    }
    return 0;
  }
}
