package dev.casemate.hypervisor.qemu;

import dev.casemate.core.GuestChannel;
import dev.casemate.core.MachineSpec;
import dev.casemate.core.MachineSummary;
import dev.casemate.core.VirtualMachine;
import dev.casemate.core.VmExit;
import dev.casemate.hypervisor.ExitStatus;
import dev.casemate.hypervisor.HostCommand;
import dev.casemate.hypervisor.HostProcess;
import dev.casemate.hypervisor.OutputCopier;
import dev.casemate.hypervisor.Supervisor;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonObject;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One QEMU process and its sockets. A virtual thread waits for the process's end, weighs the
 * evidence and cleans up; everything else runs on the callers' threads.
 */
final class QemuVirtualMachine implements VirtualMachine {
  /** QEMU connects within some 30 ms; a host that needs a minute is beyond use. */
  private static final Duration CONNECT_BOUND = Duration.ofSeconds(60);

  /** The sockets named before the monitor's are connected when that one is. */
  private static final Duration ALREADY_CONNECTED_BOUND = Duration.ofSeconds(5);

  /** The monitor answers in under a millisecond unless QEMU's main loop is stuck. */
  private static final Duration COMMAND_BOUND = Duration.ofSeconds(30);

  /** SIGKILL takes effect at once, except on a process that waits for a dead disk. */
  private static final Duration KILL_BOUND = Duration.ofSeconds(10);

  /** When a process is gone, the kernel has closed its pipes already. */
  private static final Duration DRAIN_BOUND = Duration.ofSeconds(2);

  /** A closed connection and the process's end come together, in either order. */
  private static final Duration SETTLE_BOUND = Duration.ofSeconds(2);

  private static final int CONSOLE_RING_BYTES = 64 * 1024;
  private static final int KEPT_LINES = 200;

  private final HostProcess process;
  private final MachineSpec spec;
  private final Path directory;
  private final Path crashDirectory;
  private final LongSupplier oomKills;
  private final long oomKillsBefore;
  private final Rendezvous agent;
  private final Rendezvous console;
  private final Rendezvous monitor;
  private final CompletableFuture<VmExit> exit = new CompletableFuture<>();
  private final CompletableFuture<Boolean> agentPortOpened = new CompletableFuture<>();
  private final AtomicBoolean agentTaken = new AtomicBoolean();
  private final AtomicReference<@Nullable Explanation> explained = new AtomicReference<>();
  private volatile boolean requested;
  private volatile boolean panicReported;
  private volatile QmpEvent.@Nullable Shutdown shutdown;
  private volatile @Nullable OutputCopier consoleCopier;
  private volatile @Nullable QmpClient qmp;
  private volatile MachineSummary summary;

  /** An error as it was explained, and whether QEMU was gone by then. */
  private record Explanation(boolean dead, CasemateException error) {}

  /**
   * What it takes to start.
   *
   * @param summary all but the VMM's version, which QEMU tells by itself
   * @param directory where QEMU finds its sockets; removed with the machine
   * @param oomKills counts what the host has killed for memory in QEMU's control group
   */
  record Start(
      Supervisor supervisor,
      HostCommand command,
      MachineSpec spec,
      MachineSummary summary,
      Path directory,
      Path crashDirectory,
      LongSupplier oomKills) {}

  private QemuVirtualMachine(
      Start start, Rendezvous agent, Rendezvous console, Rendezvous monitor) {
    this.spec = start.spec();
    this.directory = start.directory();
    this.crashDirectory = start.crashDirectory();
    this.oomKills = start.oomKills();
    this.summary = start.summary();
    this.agent = agent;
    this.console = console;
    this.monitor = monitor;
    this.oomKillsBefore = oomKills.getAsLong();
    this.process =
        start.supervisor().spawn(start.command(), spec.runDirectory().resolve("vmm.log"));
    Thread.ofVirtual().name("qemu-end").start(this::awaitEnd);
  }

  /** Spawns QEMU, connects to it and lets the guest run. After a failure nothing is left. */
  static QemuVirtualMachine start(Start start) {
    Path directory = start.directory();
    Rendezvous agent = null;
    Rendezvous console = null;
    Rendezvous monitor = null;
    QemuVirtualMachine machine;
    try {
      agent = listen(start, QemuCommandLine.AGENT_SOCKET);
      console = listen(start, QemuCommandLine.CONSOLE_SOCKET);
      monitor = listen(start, QemuCommandLine.MONITOR_SOCKET);
      machine = new QemuVirtualMachine(start, agent, console, monitor);
    } catch (RuntimeException e) {
      abandon(agent);
      abandon(console);
      abandon(monitor);
      VmmDirectory.remove(directory);
      throw e;
    }
    try {
      machine.connect();
      return machine;
    } catch (CasemateException e) {
      CasemateException error = machine.explain(e);
      machine.stop(Duration.ZERO);
      throw error;
    }
  }

  private static Rendezvous listen(Start start, String name) {
    return Rendezvous.listen(start.directory().resolve(name), start.spec().credentials());
  }

  private static void abandon(@Nullable Rendezvous rendezvous) {
    if (rendezvous != null) {
      rendezvous.abandon();
    }
  }

  private void connect() {
    SocketChannel channel = take(monitor, CONNECT_BOUND);
    QmpClient client = new QmpClient(channel, this::onEvent);
    qmp = client;
    SocketChannel serial = take(console, ALREADY_CONNECTED_BOUND);
    consoleCopier =
        OutputCopier.start(
            "guest-console",
            Channels.newInputStream(serial),
            CONSOLE_RING_BYTES,
            spec.runDirectory().resolve("console.log"));
    QmpMessage.Greeting version = client.negotiate(COMMAND_BOUND);
    summary =
        new MachineSummary(
            "qemu %d.%d.%d".formatted(version.major(), version.minor(), version.micro()),
            summary.machine(),
            summary.accelerator(),
            summary.channel(),
            summary.kernelRelease(),
            summary.vcpus(),
            summary.memoryBytes());
    client.execute("cont", JsonObject.EMPTY, COMMAND_BOUND);
  }

  private SocketChannel take(Rendezvous rendezvous, Duration bound) {
    SocketChannel channel =
        rendezvous
            .await(bound, process.exit())
            .orElseThrow(() ->
                new CasemateException(
                    process.isAlive() ? ErrorCode.TIMED_OUT : ErrorCode.VMM_DIED,
                    "start the virtual machine",
                    "QEMU did not connect",
                    ""));
    rendezvous.close();
    return channel;
  }

  private void onEvent(QmpEvent event) {
    switch (event) {
      case QmpEvent.Shutdown s -> shutdown = s;
      case QmpEvent.GuestPanicked p -> panicReported = true;
      case QmpEvent.PortChanged p -> {
        if (p.open() && p.id().equals(QemuCommandLine.AGENT_PORT)) {
          agentPortOpened.complete(true);
        }
      }
      case QmpEvent.Reset r -> {}
      case QmpEvent.Stopped s -> {}
      case QmpEvent.Resumed r -> {}
      case QmpEvent.Other o -> {}
    }
  }

  /** Runs on its own thread until QEMU is gone. */
  private void awaitEnd() {
    ExitStatus status = process.exit().join();
    process.awaitOutputEnd(DRAIN_BOUND);
    OutputCopier copier = consoleCopier;
    if (copier != null) {
      copier.awaitEnd(DRAIN_BOUND.toMillis());
    }
    QmpClient client = qmp;
    if (client != null) {
      client.awaitEnd(DRAIN_BOUND);
      client.close();
    }
    VmExit verdict = evidence(status).classify();
    monitor.abandon();
    console.abandon();
    // A channel that was handed out is its taker's to close.
    if (agentTaken.getAndSet(true)) {
      agent.close();
    } else {
      agent.abandon();
    }
    VmmDirectory.remove(directory);
    exit.complete(verdict);
  }

  private ExitEvidence evidence(ExitStatus status) {
    return new ExitEvidence(
        requested,
        status,
        shutdown,
        panicReported,
        consoleLines(),
        outputLines(),
        oomKills.getAsLong() - oomKillsBefore);
  }

  private List<String> consoleLines() {
    OutputCopier copier = consoleCopier;
    return copier == null ? List.of() : copier.ring().lastLines(KEPT_LINES);
  }

  private List<String> outputLines() {
    return process.output().lastLines(KEPT_LINES);
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public MachineSummary summary() {
    return summary;
  }

  @Override
  public GuestChannel openAgentChannel(Duration bound) {
    String tried = "reach the guest's agent";
    CasemateException failure;
    try {
      var _ =
          CompletableFuture.anyOf(agentPortOpened, exit)
              .get(bound.toMillis(), TimeUnit.MILLISECONDS);
      if (!exit.isDone()) {
        return new SocketGuestChannel(takeAgent());
      }
      failure = new CasemateException(ErrorCode.VMM_DIED, tried, "the machine has ended", "");
    } catch (TimeoutException e) {
      failure =
          new CasemateException(
              ErrorCode.TIMED_OUT, tried, "no answer in " + bound.toMillis() + " ms", "", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CasemateException(ErrorCode.CANCELLED, tried, "the caller gave up", "", e);
    } catch (ExecutionException e) {
      failure = new CasemateException(ErrorCode.BUG, tried, String.valueOf(e.getCause()), "", e);
    }
    throw explain(failure);
  }

  private SocketChannel takeAgent() {
    if (agentTaken.getAndSet(true)) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE, "reach the guest's agent", "its channel is taken or gone", "");
    }
    return take(agent, ALREADY_CONNECTED_BOUND);
  }

  @Override
  public CompletableFuture<VmExit> exit() {
    return exit.copy();
  }

  @Override
  public CasemateException explain(CasemateException failure) {
    Optional<VmExit> end = settle();
    Explanation earlier = explained.get();
    if (earlier != null && earlier.dead() == end.isPresent()) {
      return earlier.error();
    }
    List<String> consoleLines = consoleLines();
    List<String> outputLines = outputLines();
    Diagnosis diagnosis = Diagnosis.of(end, consoleLines, outputLines, agentPortOpened.isDone());
    Optional<Path> bundle =
        new CrashBundle(
                spec.name(),
                diagnosis.code() + ": " + diagnosis.why(),
                process.command().fullArgv(),
                outputLines,
                consoleLines)
            .write(crashDirectory, Instant.now());
    String advice =
        bundle.map(file -> joined(diagnosis.advice(), "see " + file)).orElse(diagnosis.advice());
    CasemateException error =
        new CasemateException(diagnosis.code(), failure.tried(), diagnosis.why(), advice, failure);
    explained.set(new Explanation(end.isPresent(), error));
    return error;
  }

  private static String joined(String first, String second) {
    return first.isEmpty() ? second : first + "; " + second;
  }

  /** How the machine ended, if it has or is just about to. */
  private Optional<VmExit> settle() {
    try {
      return Optional.of(exit.get(SETTLE_BOUND.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (TimeoutException | ExecutionException e) {
      return Optional.empty();
    }
  }

  @Override
  public void stop(Duration bound) {
    if (process.isAlive()) {
      requested = true;
      long deadline = System.nanoTime() + bound.toNanos();
      if (!bound.isZero()) {
        quit(bound);
        process.awaitExit(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
      }
      process.kill(Duration.ZERO);
    }
    try {
      // join() is deaf to interrupts: an impatient caller must not leave a machine behind.
      exit.copy().orTimeout(KILL_BOUND.toMillis(), TimeUnit.MILLISECONDS).join();
    } catch (CompletionException e) {
      throw new CasemateException(
          ErrorCode.TIMED_OUT,
          "stop the virtual machine",
          "process " + pid() + " survived SIGKILL for " + KILL_BOUND.toSeconds() + " s",
          "does it wait for a dead disk?",
          e);
    }
  }

  private void quit(Duration bound) {
    QmpClient client = qmp;
    try {
      if (client != null) {
        client.execute("quit", JsonObject.EMPTY, bound);
      }
    } catch (CasemateException e) {
      // Dead or stuck: SIGKILL follows.
    }
  }
}
