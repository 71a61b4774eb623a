package dev.casemate.cli;

import dev.casemate.cli.line.Flags;

/**
 * Says on standard error what is going on while it takes longer than a person likes to wait without
 * a word. On a terminal it is one line that keeps its time and vanishes; elsewhere one line each
 * ten seconds. Only for people: an engine's {@code run} of a bundle stays silent.
 */
final class Progress implements AutoCloseable {
  /** Below this nobody wonders. */
  private static final long PATIENCE_MILLIS = 1000;

  /** How often the line on a terminal is renewed. */
  private static final long TICK_MILLIS = 1000;

  /** How often a log gets a line. */
  private static final long LOG_TICKS = 10;

  private final Output output;
  private final String what;
  private final boolean terminal;
  private final Thread ticker;

  private Progress(Output output, String what, boolean terminal) {
    this.output = output;
    this.what = what;
    this.terminal = terminal;
    this.ticker = Thread.ofPlatform().name("progress").daemon().unstarted(this::tick);
  }

  /** Begins to watch, if this is a run of an image. */
  static Progress start(Invocation invocation, String what) {
    Progress progress = new Progress(invocation.output(), what, Terminal.isTerminal(2));
    if (invocation.line().has(Flags.IMAGE)) {
      progress.ticker.start();
    }
    return progress;
  }

  private void tick() {
    long ticks = 0;
    try {
      Thread.sleep(PATIENCE_MILLIS);
      while (true) {
        ticks++;
        if (terminal) {
          output.error("\r\033[K" + what + " … " + ticks + " s");
        } else if (ticks % LOG_TICKS == 1) {
          output.error(what + " … " + ticks + " s\n");
        }
        Thread.sleep(TICK_MILLIS);
      }
    } catch (InterruptedException _) {
      if (terminal && ticks > 0) {
        output.error("\r\033[K");
      }
    }
  }

  /** Ends; the line is gone when it returns. */
  @Override
  public void close() {
    ticker.interrupt();
    try {
      // The ticker only writes to a terminal or log; it ends at once.
      ticker.join(PATIENCE_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
