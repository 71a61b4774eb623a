package dev.casemate.cli;

import java.util.Map;

/** Gives access to the containers below one state root. */
interface ContainersGate {
  /**
   * Opens it; touches nothing, since some verbs do not need it.
   *
   * @param root the directory of {@code --root}
   * @param environment the process's environment
   */
  Containers open(String root, Map<String, String> environment);
}
