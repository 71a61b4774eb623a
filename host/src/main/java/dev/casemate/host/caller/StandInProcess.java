package dev.casemate.host.caller;

import dev.casemate.core.CallerProcess;
import dev.casemate.core.GuestAgent;
import dev.casemate.core.ProcessId;
import dev.casemate.core.TerminalSize;
import dev.casemate.host.control.StandInFifos;
import dev.casemate.linux.Descriptor;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.Pidfd;
import dev.casemate.linux.Signal;
import dev.casemate.linux.Terminal;
import dev.casemate.linux.Wakeup;
import dev.casemate.linux.WindowSize;
import dev.casemate.model.CasemateException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in and the streams that were taken from it. Blocking system calls run on platform threads
 * of its own: one watches the stand-in and its reports, one carries the input, one each output.
 */
public final class StandInProcess implements CallerProcess {
  private static final int BUFFER_BYTES = 64 * 1024;

  /**
   * A caller that takes nothing for this long after its process ended gets no more, unless it reads
   * from a pipe, which then holds all.
   */
  private static final Duration SLOW_CALLER_BOUND = Duration.ofSeconds(10);

  /**
   * How long an output stays open in silence after its process ended and after the agent answered
   * once more: what the process wrote is here by then, also from an emulated guest that waits for
   * its turn on a crowded host, and only a child of it can still hold the other end.
   */
  private static final Duration SILENCE_BOUND = Duration.ofSeconds(5);

  private final ReportingStandIn standIn;
  private final CallerStreams streams;
  private final Wakeup stop = new Wakeup();
  private final List<OutputPump> outputs = new ArrayList<>();
  private @Nullable GuestAgent agent;
  private boolean finished;
  private volatile boolean stopping;

  private StandInProcess(ReportingStandIn standIn, CallerStreams streams) {
    this.standIn = standIn;
    this.streams = streams;
  }

  /** A stand-in that has yet to be spawned: its FIFOs are there. */
  public static final class Awaited implements AutoCloseable {
    private final StandInPipes pipes;
    private boolean taken;

    private Awaited(StandInPipes pipes) {
      this.pipes = pipes;
    }

    /** What the spawner needs. */
    public StandInFifos fifos() {
      return pipes.fifos();
    }

    /**
     * Takes over the streams of the stand-in that was spawned.
     *
     * @param terminal whether the process has a terminal
     * @param consoleSocket where a new terminal's master goes; null to use the one on the streams
     * @param size a new terminal's first size
     */
    public StandInProcess take(
        int pid, boolean terminal, @Nullable Path consoleSocket, WindowSize size) {
      Pidfd standIn = Pidfd.open(pid);
      try {
        CallerStreams streams;
        if (!terminal) {
          streams = CallerStreams.pipes(standIn);
        } else if (consoleSocket == null) {
          streams = CallerStreams.ownTerminal(standIn);
        } else {
          streams = CallerStreams.newTerminal(consoleSocket, size);
        }
        pipes.order(streams.slavePath() == null ? "taken" : "taken " + streams.slavePath());
        taken = true;
        return new StandInProcess(new ReportingStandIn(pipes, standIn, false), streams);
      } catch (RuntimeException failure) {
        standIn.close();
        throw failure;
      }
    }

    /** Gives up on it, unless it was taken. */
    @Override
    public void close() {
      if (!taken) {
        pipes.close();
      }
    }
  }

  /**
   * Makes the FIFOs of a stand-in.
   *
   * @param prefix the FIFOs' names begin with it, unique in the directory
   */
  public static Awaited await(Path directory, String prefix) {
    return new Awaited(StandInPipes.make(directory, prefix));
  }

  /**
   * Waits until the stand-in is in its namespaces, before it is connected.
   *
   * @throws dev.casemate.model.CasemateException HELPER_DIED or TIMED_OUT when it does not get
   *     there
   */
  public void awaitArrival() {
    standIn.awaitArrival();
  }

  @Override
  public long pid() {
    return standIn.pid();
  }

  @Override
  public synchronized void connect(GuestAgent guestAgent, ProcessId process) {
    agent = guestAgent;
    outputs.add(
        OutputPump.start(
            "stdout-" + process, guestAgent.standardOutput(process), streams.output()));
    if (streams.terminal() == null) {
      outputs.add(
          OutputPump.start(
              "stderr-" + process, guestAgent.standardError(process), streams.error()));
    }
    Thread.ofPlatform()
        .daemon()
        .name("stdin-" + process)
        .start(() -> {
          forwardSize(guestAgent, process);
          carryInput(guestAgent, process);
        });
    standIn.listen("stand-in-" + process, signal -> forward(guestAgent, process, signal));
  }

  private void carryInput(GuestAgent guestAgent, ProcessId process) {
    Descriptor from = streams.input();
    boolean terminal = from != null && streams.terminal() != null && Terminal.isTerminal(from);
    try (OutputStream to = guestAgent.standardInput(process)) {
      if (from == null) {
        return;
      }
      InputStream input = from.inputStream(stop);
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int got = input.read(buffer); got >= 0; got = input.read(buffer)) {
        to.write(buffer, 0, got);
      }
    } catch (IOException | LinuxException ended) {
      // The process takes no more, the caller's terminal hung up, or all is over.
    }
    if (terminal && !stopping) {
      hangUp(guestAgent, process);
    }
  }

  /** The caller's terminal is gone, so the process's goes, too. */
  private static void hangUp(GuestAgent guestAgent, ProcessId process) {
    try {
      guestAgent.hangUp(process);
    } catch (CasemateException processGone) {
      // Then nobody has the terminal.
    }
  }

  private void forward(GuestAgent guestAgent, ProcessId process, Signal signal) {
    try {
      if (signal == Signal.WINCH) {
        forwardSize(guestAgent, process);
      } else {
        guestAgent.signal(process, signal.number());
      }
    } catch (CasemateException processGone) {
      // A signal that comes too late has no effect, as on any process.
    }
  }

  private void forwardSize(GuestAgent guestAgent, ProcessId process) {
    try {
      streams
          .windowSize()
          .ifPresent(size ->
              guestAgent.resizeTerminal(process, new TerminalSize(size.columns(), size.rows())));
    } catch (CasemateException processGone) {
      // Its terminal went with it.
    }
  }

  @Override
  public void drain() {
    List<OutputPump> pumps;
    GuestAgent guestAgent;
    synchronized (this) {
      pumps = List.copyOf(outputs);
      guestAgent = agent;
    }
    try {
      for (OutputPump pump : pumps) {
        drain(pump, guestAgent);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void drain(OutputPump pump, @Nullable GuestAgent guestAgent)
      throws InterruptedException {
    while (!pump.hasEnded()) {
      long before = pump.moved();
      boolean waited = pump.waitsForCaller();
      if (waited) {
        pump.makeRoom();
        pump.join(SLOW_CALLER_BOUND.toMillis());
      } else {
        if (guestAgent != null && !answers(guestAgent)) {
          return;
        }
        pump.join(SILENCE_BOUND.toMillis());
      }
      // What came meanwhile may wait for the caller only now.
      if (pump.moved() == before && pump.waitsForCaller() == waited) {
        return;
      }
    }
  }

  /** Whether the agent answers: by then every answer that it had for us has arrived, too. */
  private static boolean answers(GuestAgent guestAgent) {
    try {
      guestAgent.greet(SLOW_CALLER_BOUND);
      return true;
    } catch (CasemateException gone) {
      return false;
    }
  }

  @Override
  public synchronized void finish(int exitCode) {
    if (finished) {
      return;
    }
    finished = true;
    stopping = true;
    stop.signal();
    streams.close();
    standIn.end(exitCode);
  }

  @Override
  public CompletableFuture<Void> lost() {
    return standIn.lost();
  }
}
