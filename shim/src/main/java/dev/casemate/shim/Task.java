package dev.casemate.shim;

import dev.casemate.core.Container;
import dev.casemate.core.ContainerState;
import dev.casemate.core.ExitStatus;
import dev.casemate.core.TerminalSize;
import dev.casemate.host.caller.StandIn;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.ExecId;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.shim.containerd.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One container of a pod with its processes, as containerd knows it. Thread-safe. */
final class Task {
  /** As containerd's own shim: who has not read by then has gone. */
  private static final Duration READER_PATIENCE = Duration.ofSeconds(2);

  /** How long the end of a container may take to be told after its guest fell silent. */
  private static final Duration SILENCE_BOUND = Duration.ofSeconds(5);

  private final Pod pod;
  private final Path bundle;
  private final Stdio stdio;
  private final Container container;
  private final TaskProcess first;
  private final TaskEvents events;
  private final ExitOrder order = new ExitOrder();
  private final CompletableFuture<ExitStatus> ended = new CompletableFuture<>();
  private final Map<ExecId, ExecTask> execs = new ConcurrentHashMap<>();

  /** A container that exists, its first process waiting to be started. */
  Task(
      Pod pod,
      Path bundle,
      Stdio stdio,
      Container container,
      TaskProcess first,
      TaskEvents events) {
    this.pod = pod;
    this.bundle = bundle;
    this.stdio = stdio;
    this.container = container;
    this.first = first;
    this.events = events;
  }

  /** Begins to wait for its end. */
  void watch() {
    var _ =
        container
            .exit()
            .thenAcceptAsync(
                this::hasEnded, task -> Thread.ofVirtual().name("end-" + id()).start(task));
  }

  ContainerId id() {
    return container.id();
  }

  Path bundle() {
    return bundle;
  }

  Container container() {
    return container;
  }

  TaskEvents events() {
    return events;
  }

  int pid() {
    return Math.toIntExact(first.pid());
  }

  ProcessStreams openStreams(Stdio wanted) {
    return ProcessStreams.open(wanted, id().value(), pod.context().namespace());
  }

  StandIn standInFor(ExecId exec) {
    return pod.context().standIns().further(first.standIn(), exec.value());
  }

  /** Completes when its first process has ended and that was told, never exceptionally. */
  CompletableFuture<ExitStatus> ended() {
    return ended;
  }

  ProcessView view() {
    Status status =
        switch (container.state()) {
          case ContainerState.Creating _, ContainerState.Created _ -> Status.CREATED;
          case ContainerState.Running _ -> Status.RUNNING;
          case ContainerState.Paused _ -> Status.PAUSED;
          case ContainerState.Stopped _ -> Status.STOPPED;
        };
    ExitStatus exit = container.state() instanceof ContainerState.Stopped s ? s.exit() : null;
    return new ProcessView(id().value(), pid(), status, stdio, exit);
  }

  /** Lets the first process go. */
  void start() {
    order.begin();
    boolean started = false;
    try {
      container.start();
      started = true;
    } finally {
      order.settle(started ? () -> events.started(pid()) : () -> {});
    }
  }

  private void hasEnded(ExitStatus exit) {
    first.finish(exit.code());
    order.end(() -> {
      ended.complete(exit);
      events.ended(id().value(), pid(), exit);
    });
    exit.reason().ifPresent(reason -> pod.log().warn("container " + id() + ": " + reason));
    pod.hasEnded(this);
  }

  /** Announces a further process. */
  void addExec(ExecId exec, ProcessSpec spec, Stdio execStdio) {
    if (container.state() instanceof ContainerState.Stopped) {
      throw TaskErrors.precondition("cannot exec in a stopped container");
    }
    if (execs.putIfAbsent(exec, new ExecTask(this, exec, spec, execStdio)) != null) {
      throw TaskErrors.exists("id " + exec);
    }
    events.execAdded(exec.value());
  }

  /** A further process that was announced and not deleted. */
  ExecTask exec(String exec) {
    ExecTask found = execs.get(new ExecId(exec));
    if (found == null) {
      throw TaskErrors.noProcess(exec);
    }
    return found;
  }

  /** Forgets a further process, which must have ended; what it was. */
  ProcessView deleteExec(String name) {
    ExecTask exec = exec(name);
    exec.delete();
    execs.remove(new ExecId(name), exec);
    return exec.view();
  }

  /** Sends a signal, 1 to 64, to the first process or to all. */
  void kill(int signal, boolean all) {
    try {
      container.kill(signal, all);
    } catch (CasemateException refused) {
      if (refused.code() == ErrorCode.AGENT_SILENT) {
        // Most often since the machine died, which is about to be known.
        awaitEnd(SILENCE_BOUND);
      }
      if (!(container.state() instanceof ContainerState.Stopped)) {
        throw refused;
      }
      // Nothing is left that all of could get it.
      if (!all) {
        throw TaskErrors.finished();
      }
    }
  }

  void pause() {
    container.pause();
    events.paused();
  }

  void resume() {
    container.resume();
    events.resumed();
  }

  void resize(TerminalSize size) {
    if (container.state() instanceof ContainerState.Stopped) {
      throw TaskErrors.precondition("cannot resize a stopped container");
    }
    container.resize(Optional.empty(), size);
  }

  void closeInput() {
    first.streams().closeInput();
  }

  /** The stand-ins of its processes: the first one's, then those of further ones by exec id. */
  Map<Integer, String> standIns() {
    Map<Integer, String> found = new LinkedHashMap<>();
    if (!ended.isDone()) {
      found.put(pid(), "");
    }
    for (Map.Entry<ExecId, ExecTask> exec : execs.entrySet()) {
      if (exec.getValue().runs()) {
        found.put(exec.getValue().view().pid(), exec.getKey().value());
      }
    }
    return found;
  }

  /** Waits until all that its first process wrote has left the guest. */
  void awaitOutput() {
    first.streams().awaitOutput();
  }

  /** Waits for its end, at most that long. */
  void awaitEnd(Duration bound) {
    try {
      ended.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      pod.log().warn("container " + id() + " does not end");
    } catch (InterruptedException giveUp) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("an end never fails", impossible);
    }
  }

  /** Lets go of the streams, once their readers have what there was or have gone. */
  void releaseStreams() {
    for (ExecTask exec : execs.values()) {
      if (!exec.runs()) {
        exec.delete();
      }
    }
    first.streams().drain(READER_PATIENCE);
    first.streams().release();
  }
}
