package dev.casemate.cli;

/** Placeholder. */
final class ConfigVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    return 0;
  }
}
