package dev.casemate.cli;

/**
 * What must still be done when a signal ends this process, done on a thread of its own. Owned by
 * the thread that does it otherwise.
 */
final class LastAct {
  private final Thread hook;

  private LastAct(Thread hook) {
    this.hook = hook;
  }

  /** From now on the end of this process does it. */
  static LastAct prepare(String name, Runnable act) {
    Thread hook = new Thread(act, name);
    Runtime.getRuntime().addShutdownHook(hook);
    return new LastAct(hook);
  }

  /**
   * From now on the end of this process does not. Does not return when it is too late: then this
   * process ends when the act is done, with the status that its signal means.
   */
  void cancel() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // Waits for the end that is under way; this status does not count.
      System.exit(1);
    }
  }
}
