package dev.casemate.cli;

/** What a verb does. */
interface Action {
  /**
   * Does it.
   *
   * @return the exit code of the process, 0 to 255
   * @throws dev.casemate.model.CasemateException when it cannot be done
   */
  int run(Invocation invocation);
}
