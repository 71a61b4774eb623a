package dev.casemate.host.caller;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Pidfd;
import dev.casemate.linux.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * A stand-in that only waits for its exit code: the end of the pipe, which comes with our own end,
 * is 137. A child of this process.
 */
final class PlainStandIn implements StandIn {
  /** For {@code sh -c}. */
  static final String SCRIPT = "read -r code && exit \"$code\"; exit 137";

  private final Pidfd process;
  private final Pipe orders;
  private final CompletableFuture<Void> lost = new CompletableFuture<>();
  private boolean ended;

  PlainStandIn(Pidfd process, Pipe orders) {
    this.process = process;
    this.orders = orders;
  }

  @Override
  public long pid() {
    return process.pid();
  }

  /** Nobody watches it: whoever kills it kills only it. */
  @Override
  public CompletableFuture<Void> lost() {
    return lost;
  }

  @Override
  public synchronized void end(int exitCode) {
    if (ended) {
      return;
    }
    ended = true;
    try {
      orders.writeEnd().writeAll((exitCode + "\n").getBytes(StandardCharsets.US_ASCII));
      process.awaitEnd(EXIT_BOUND);
    } catch (LinuxException goneAlready) {
      // Killed: there is only the rest to be reaped.
    }
    ReportingStandIn.reap(process);
    process.close();
    orders.close();
  }
}
