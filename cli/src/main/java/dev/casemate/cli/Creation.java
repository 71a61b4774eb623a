package dev.casemate.cli;

import java.util.List;

/**
 * A process of a container on its way, first or further one. Two steps, because the host process
 * that stands in for it must be this process's child. Owned by one thread, but for {@link #close}
 * and {@link #isComplete}. Closing it before it is complete undoes everything.
 */
interface Creation extends AutoCloseable {
  /** The command that becomes the stand-in; ready to take its pid. */
  List<String> standInCommand();

  /** Where the stand-in's standard streams go: this file, or empty for this process's own. */
  String standInTerminal();

  /** Tells the stand-in's pid and waits until the process exists, within the host's own bounds. */
  CreationReport complete(long standInPid);

  /** Whether the process exists and stays, also when this is closed or this process ends. */
  boolean isComplete();

  /** May be called by a second thread while the first is in {@link #complete}, and again. */
  @Override
  void close();
}
