package dev.casemate.cli;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;

/** {@code monitor}, hidden: the process that owns a sandbox, spawned by {@code create}. */
final class MonitorVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    throw new CasemateException(ErrorCode.UNSUPPORTED, "run a monitor", "not wired", "");
  }
}
