package dev.casemate.cli;

/** Placeholder. */
final class CheckVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    return 0;
  }
}
