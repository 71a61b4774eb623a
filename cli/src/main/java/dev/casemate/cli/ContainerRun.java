package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.core.MachineSummary;
import dev.casemate.model.ContainerId;
import java.util.Optional;

/** One container from its creation to its end, in the foreground or detached. */
final class ContainerRun {
  private final Invocation invocation;
  private final CreationOrder order;
  private final boolean terminal;
  private final boolean input;
  private final Timing timing;
  private final boolean detach;

  /**
   * Prepares it; nothing is touched yet.
   *
   * @param terminal whether the process has a terminal
   * @param input whether standard input is passed on
   */
  ContainerRun(
      Invocation invocation, CreationOrder order, boolean terminal, boolean input, Timing timing) {
    this.invocation = invocation;
    this.order = order;
    this.terminal = terminal;
    this.input = input;
    this.timing = timing;
    this.detach = invocation.line().has(Flags.DETACH);
    if (detach || order.consoleSocket().isPresent()) {
      CreateVerb.checkTerminal(terminal, order.consoleSocket());
    }
  }

  /** Runs it; tells the exit code: the container's, or 0 when detached. */
  int run() {
    Containers host = invocation.host();
    StandIn standIn;
    try (Progress _ = Progress.start(invocation, "booting a virtual machine");
        Creation creation = host.create(order)) {
      standIn = StandIn.spawn(creation, input);
    }
    // A signal before it is started ends this process; the container must not stay behind.
    Thread remover = new Thread(() -> RunVerb.delete(host, order.id()), "remove-container");
    Runtime.getRuntime().addShutdownHook(remover);
    boolean stays = false;
    try {
      tell(standIn.report());
      CreateVerb.writePidFile(invocation, standIn);
      int code = start(host, standIn);
      stays = detach || invocation.line().has(Flags.KEEP);
      timing.end("run");
      return code;
    } finally {
      Runtime.getRuntime().removeShutdownHook(remover);
      if (!stays) {
        RunVerb.delete(host, order.id());
        timing.end("removal");
      }
      tellTimes();
    }
  }

  private int start(Containers host, StandIn standIn) {
    ContainerId id = order.id();
    if (detach) {
      host.start(id);
      return 0;
    }
    boolean ownTerminal = terminal && order.consoleSocket().isEmpty();
    try (Foreground _ =
        Foreground.enter(host, id, Optional.empty(), standIn.process().pid(), ownTerminal)) {
      host.start(id);
      return standIn.await();
    }
  }

  /** Says what was booted: to people, and to whoever asks for times. */
  private void tell(CreationReport report) {
    timing.add(report.phases());
    boolean forPeople = invocation.line().has(Flags.IMAGE) || invocation.line().has(Flags.TIMING);
    if (!forPeople || report.machine().isEmpty()) {
      return;
    }
    MachineSummary machine = report.machine().get();
    if (machine.accelerator() == MachineSummary.Accelerator.TCG) {
      invocation.output().error(BootSummary.emulationWarning() + "\n");
    }
    invocation.output().error(BootSummary.line(machine, report.phases()) + "\n");
    tellTimes();
  }

  private void tellTimes() {
    String lines = timing.take();
    if (invocation.line().has(Flags.TIMING)) {
      invocation.output().error(lines);
    }
  }
}
