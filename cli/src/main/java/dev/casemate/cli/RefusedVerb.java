package dev.casemate.cli;

import dev.casemate.cli.line.Verb;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;

/** {@code checkpoint} and {@code restore}: refused by name before anything is touched. */
final class RefusedVerb implements Action {
  private final Verb verb;

  RefusedVerb(Verb verb) {
    this.verb = verb;
  }

  @Override
  public int run(Invocation invocation) {
    throw new CasemateException(
        ErrorCode.UNSUPPORTED,
        verb.text() + " a container",
        "its processes live in a virtual machine, where criu on the host cannot reach them",
        "use pause and resume to stop a container for a while");
  }
}
