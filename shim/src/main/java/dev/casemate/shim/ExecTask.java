package dev.casemate.shim;

import dev.casemate.core.Container;
import dev.casemate.core.ExitStatus;
import dev.casemate.core.TerminalSize;
import dev.casemate.host.caller.CallerLimits;
import dev.casemate.host.caller.StandIn;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.ExecId;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.shim.containerd.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A further process of a container, from its announcement to its deletion. Thread-safe; the monitor
 * guards the fields and is never held while anything is asked or waited for.
 */
final class ExecTask {
  /** As containerd's own shim: who has not read by then has gone. */
  private static final Duration READER_PATIENCE = Duration.ofSeconds(2);

  private static final int NOT_STARTED = 255;

  private final Task task;
  private final ExecId id;
  private final ProcessSpec spec;
  private final Stdio stdio;
  private final ExitOrder order = new ExitOrder();
  private final CompletableFuture<ExitStatus> ended = new CompletableFuture<>();
  private boolean startRequested;
  private boolean inputClosed;
  private @Nullable TerminalSize size;
  private @Nullable TaskProcess process;

  ExecTask(Task task, ExecId id, ProcessSpec spec, Stdio stdio) {
    this.task = task;
    this.id = id;
    this.spec = spec;
    this.stdio = stdio;
  }

  /** Completes when it has ended, never exceptionally. */
  CompletableFuture<ExitStatus> ended() {
    return ended;
  }

  /** Whether it was started and has not ended. */
  boolean runs() {
    return process() != null && !ended.isDone();
  }

  private synchronized @Nullable TaskProcess process() {
    return process;
  }

  ProcessView view() {
    TaskProcess running = process();
    Status status =
        ended.isDone() ? Status.STOPPED : running == null ? Status.CREATED : Status.RUNNING;
    return new ProcessView(
        id.value(),
        running == null ? 0 : Math.toIntExact(running.pid()),
        status,
        stdio,
        ended.getNow(null));
  }

  /**
   * Runs it.
   *
   * @return its stand-in's number
   */
  int start() {
    synchronized (this) {
      if (startRequested) {
        throw TaskErrors.precondition("cannot start exec " + id + ", which was started before");
      }
      startRequested = true;
    }
    order.begin();
    TaskProcess started = null;
    try {
      started = make();
      run(started);
      int pid = Math.toIntExact(started.pid());
      order.settle(() -> task.events().execStarted(id.value(), pid));
      return pid;
    } catch (RuntimeException failure) {
      if (started != null) {
        started.finish(NOT_STARTED);
        started.streams().release();
      }
      ended.complete(new ExitStatus(NOT_STARTED, Instant.now(), Optional.empty()));
      throw failure;
    }
  }

  private TaskProcess make() {
    ProcessStreams streams = task.openStreams(stdio);
    try {
      StandIn standIn = task.standInFor(id);
      TaskProcess made = new TaskProcess(standIn, streams);
      synchronized (this) {
        process = made;
        if (inputClosed) {
          streams.closeInput();
        }
      }
      return made;
    } catch (RuntimeException failure) {
      streams.release();
      throw failure;
    }
  }

  private void run(TaskProcess made) {
    Container container = task.container();
    container.exec(id, CallerLimits.inherited(spec, made.pid()), made);
    var _ = made.exit().thenAccept(this::hasEnded);
    TerminalSize wanted;
    synchronized (this) {
      wanted = size;
    }
    if (wanted != null) {
      container.resize(Optional.of(id), wanted);
    }
  }

  private void hasEnded(int code) {
    ExitStatus exit = new ExitStatus(code, Instant.now(), Optional.empty());
    order.end(() -> {
      ended.complete(exit);
      task.events().ended(id.value(), view().pid(), exit);
    });
  }

  /** Sends a signal, 1 to 64. */
  void kill(int signal) {
    if (ended.isDone()) {
      throw TaskErrors.finished();
    }
    if (process() == null) {
      throw TaskErrors.precondition("process not created");
    }
    try {
      task.container().kill(id, signal);
    } catch (CasemateException refused) {
      if (refused.code() == ErrorCode.NOT_FOUND) {
        throw TaskErrors.finished();
      }
      throw refused;
    }
  }

  /** Sets its terminal's size, now or once it runs. */
  void resize(TerminalSize wanted) {
    synchronized (this) {
      size = wanted;
      if (process == null) {
        return;
      }
    }
    if (ended.isDone()) {
      throw TaskErrors.precondition("cannot resize a stopped container");
    }
    task.container().resize(Optional.of(id), wanted);
  }

  /** See {@link ProcessStreams#closeInput}. */
  void closeInput() {
    TaskProcess running;
    synchronized (this) {
      inputClosed = true;
      running = process;
    }
    if (running != null) {
      running.streams().closeInput();
    }
  }

  /** Lets go of what it has. */
  void delete() {
    if (runs()) {
      throw TaskErrors.precondition("cannot delete a running process");
    }
    TaskProcess finished = process();
    if (finished != null) {
      finished.streams().drain(READER_PATIENCE);
      finished.streams().release();
    }
  }
}
