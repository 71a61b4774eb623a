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
  private volatile Optional<Creation> begun = Optional.empty();

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
    // A signal ends this process; what it has begun must not stay behind.
    LastAct removal = LastAct.prepare("remove-container", this::remove);
    boolean stays = false;
    try {
      StandIn standIn = create();
      tell(standIn.report());
      CreateVerb.writePidFile(invocation, standIn);
      int code = start(standIn);
      stays = detach || invocation.line().has(Flags.KEEP);
      timing.end("run");
      return code;
    } finally {
      removal.cancel();
      if (!stays) {
        remove();
      }
      tellTimes();
    }
  }

  private StandIn create() {
    try (Progress _ = Progress.start(invocation, "booting a virtual machine");
        Creation creation = invocation.host().create(order)) {
      begun = Optional.of(creation);
      return StandIn.spawn(creation, input);
    }
  }

  /** Undoes the creation, or removes the container: what another made under that id stays. */
  private void remove() {
    Optional<Creation> creation = begun;
    creation.ifPresent(Creation::close);
    if (creation.isPresent() && creation.get().isComplete()) {
      RunVerb.delete(invocation.host(), order.id());
      timing.end("removal");
    }
  }

  private int start(StandIn standIn) {
    Containers host = invocation.host();
    ContainerId id = order.id();
    if (detach) {
      host.start(id);
      return 0;
    }
    boolean ownTerminal = terminal && order.consoleSocket().isEmpty();
    int code;
    try (Foreground _ =
        Foreground.enter(host, id, Optional.empty(), standIn.process().pid(), ownTerminal)) {
      host.start(id);
      code = standIn.await();
    }
    UnnaturalEnd.tell(invocation, id, code, UnnaturalEnd.PATIENCE);
    return code;
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
