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
      String bundle = bundle(invocation, id, force);
      invocation.host().delete(id, force);
      TemporaryBundle.removeIfOurs(bundle);
    } catch (CasemateException failure) {
      if (!force || failure.code() != ErrorCode.NOT_FOUND) {
        throw failure;
      }
    }
    return 0;
  }

  /** Empty for a container of which nothing can be read, but which shall go all the same. */
  private static String bundle(Invocation invocation, ContainerId id, boolean force) {
    try {
      return invocation.host().find(id).bundle();
    } catch (CasemateException damaged) {
      if (!force || damaged.code() != ErrorCode.WRONG_STATE) {
        throw damaged;
      }
      return "";
    }
  }
}
