package dev.casemate.host.caller;

import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Pidfd;
import dev.casemate.linux.Poll;
import dev.casemate.linux.Processes;
import dev.casemate.linux.Signal;
import dev.casemate.linux.Wakeup;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in that runs {@code libexec/stand-in}: it tells of the signals that it gets. A platform
 * thread of its own listens to it.
 */
final class ReportingStandIn implements StandIn {
  private static final int REPORT_BYTES = 256;

  /** What it reports first, when it is in its namespaces. */
  private static final String ARRIVED = "HERE";

  /** A few programs that execute one another; a crowded host may take its time. */
  private static final Duration ARRIVAL_BOUND = Duration.ofMinutes(1);

  private final StandInPipes pipes;
  private final Pidfd process;
  private final boolean child;
  private final CompletableFuture<Void> lost = new CompletableFuture<>();
  private final Wakeup stop = new Wakeup();
  private @Nullable Thread listener;
  private boolean ended;

  /**
   * Takes over a stand-in that was spawned with these pipes.
   *
   * @param child whether it is a child of this process, which must reap it
   */
  ReportingStandIn(StandInPipes pipes, Pidfd process, boolean child) {
    this.pipes = pipes;
    this.process = process;
    this.child = child;
  }

  /**
   * Waits until it is in its namespaces; before {@link #listen}, once, on a platform thread.
   *
   * @throws CasemateException HELPER_DIED when it ends before, TIMED_OUT when it does not come
   */
  void awaitArrival() {
    List<Poll.Interest> interests =
        List.of(
            Poll.Interest.readable(pipes.reports()), Poll.Interest.readable(process.descriptor()));
    List<Poll.Readiness> ready = Poll.await(interests, ARRIVAL_BOUND);
    if (ready.get(0).readable()) {
      // Signals that it got since are left for the listener.
      byte[] report = new byte[ARRIVED.length() + 1];
      pipes.reports().read(report, 0, report.length);
      return;
    }
    boolean died = ready.get(1).readable();
    throw new CasemateException(
        died ? ErrorCode.HELPER_DIED : ErrorCode.TIMED_OUT,
        "move the container's stand-in into its namespaces",
        died ? "it ended" : "it did not get there in " + ARRIVAL_BOUND.toSeconds() + " s",
        "are the namespaces of the configuration there?");
  }

  /** Begins to listen; the signals' consumer runs on the listening thread. */
  synchronized void listen(String name, Consumer<Signal> signals) {
    listener = Thread.ofPlatform().daemon().name(name).start(() -> hear(signals));
  }

  private void hear(Consumer<Signal> signals) {
    List<Poll.Interest> interests =
        List.of(
            Poll.Interest.readable(stop.descriptor()),
            Poll.Interest.readable(process.descriptor()),
            Poll.Interest.readable(pipes.reports()));
    byte[] report = new byte[REPORT_BYTES];
    while (true) {
      List<Poll.Readiness> ready = Poll.await(interests, null);
      if (ready.get(0).readable()) {
        return;
      }
      if (ready.get(1).readable()) {
        lost.complete(null);
        return;
      }
      int got = pipes.reports().read(report, 0, report.length);
      new String(report, 0, got, StandardCharsets.US_ASCII)
          .lines()
          .filter(name -> !name.isEmpty() && !name.equals(ARRIVED))
          .forEach(name -> signals.accept(Signal.valueOf(name)));
    }
  }

  @Override
  public long pid() {
    return process.pid();
  }

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
    stop.signal();
    pipes.order("exit " + exitCode);
    process.awaitEnd(EXIT_BOUND);
    if (child) {
      reap(process);
    }
    joinListener();
    stop.close();
    process.close();
    pipes.close();
  }

  /** It was woken; only a consumer that is calling the agent can hold it up. */
  private void joinListener() {
    Thread thread = listener;
    if (thread == null || thread.equals(Thread.currentThread())) {
      return;
    }
    try {
      thread.join(EXIT_BOUND);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reaps a child, which a stand-in that does not end in time is made to by force. */
  static void reap(Pidfd process) {
    if (!process.hasEnded()) {
      process.sendSignal(Signal.KILL.number());
    }
    try {
      Processes.reap(process.pid());
    } catch (LinuxException reapedBefore) {
      // Nothing is left of it.
    }
  }
}
