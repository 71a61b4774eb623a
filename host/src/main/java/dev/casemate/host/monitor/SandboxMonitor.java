package dev.casemate.host.monitor;

import dev.casemate.core.Container;
import dev.casemate.core.ContainerObserver;
import dev.casemate.core.ContainerRequest;
import dev.casemate.core.ExitStatus;
import dev.casemate.core.GuestContainer;
import dev.casemate.core.MachineLimits;
import dev.casemate.core.Phases;
import dev.casemate.core.Sandbox;
import dev.casemate.core.SandboxRequest;
import dev.casemate.host.HostRuntime;
import dev.casemate.host.caller.CallerLimits;
import dev.casemate.host.caller.StandInProcess;
import dev.casemate.host.cgroup.CgroupRemoval;
import dev.casemate.host.cgroup.SandboxCgroups;
import dev.casemate.host.control.CreateRequest;
import dev.casemate.host.control.Message;
import dev.casemate.host.control.MessageStream;
import dev.casemate.host.control.StandInPlace;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.host.state.DiskSpace;
import dev.casemate.host.state.ProcessIdentity;
import dev.casemate.host.state.RunDirectory;
import dev.casemate.host.state.StateStore;
import dev.casemate.linux.LinuxException;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.Spec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes one sandbox with one container, looks after it until the container ends, and leaves nothing
 * but the record that it has ended. Everything that it makes goes on a list first to be undone, and
 * until the caller knows of the container a caller that goes away undoes it all.
 */
public final class SandboxMonitor {
  private static final Duration HURRY_PAUSE = Duration.ofMillis(50);

  /** After the container's end only a poststart hook keeps a verb, which may take minutes. */
  private static final Duration ANSWERS_BOUND = Duration.ofMinutes(5);

  private final HostRuntime runtime;
  private final MessageStream stream;
  private final CreateRequest request;
  private final Caller caller;
  private final StateStore store;
  private final MonitorLog log;
  private final Unwinding unwinding;
  private @Nullable ControlServer control;
  private int exitCode = ExitStatus.MACHINE_DIED;
  private boolean recordStays;
  private List<Path> written = List.of();

  private SandboxMonitor(HostRuntime runtime, MessageStream stream, CreateRequest request) {
    this.runtime = runtime;
    this.stream = stream;
    this.request = request;
    caller = new Caller(stream);
    store = new StateStore(request.root());
    log = new MonitorLog();
    unwinding = new Unwinding(log::warn);
  }

  /**
   * Runs a monitor from the caller's first message to the sandbox's end.
   *
   * @param runtime makes what the sandbox works with
   * @param stream to and from the caller of create
   * @return the process's exit code
   * @throws IOException when the caller cannot be heard
   */
  public static int run(Supplier<HostRuntime> runtime, MessageStream stream) throws IOException {
    Message message = stream.receive();
    if (message == null || !message.is(Message.CREATE)) {
      return 1;
    }
    CreateRequest request = CreateRequest.parse(message.content());
    HostRuntime made;
    try {
      made = runtime.get();
    } catch (CasemateException unfit) {
      stream.sendError(unfit);
      return 1;
    }
    return new SandboxMonitor(made, stream, request).run();
  }

  private int run() {
    try {
      Container container = make();
      caller.awaitCommit();
      lookAfter(container);
      return 0;
    } catch (CasemateException failure) {
      fail(failure);
    } catch (LinuxException | UncheckedIOException refused) {
      fail(failure(ErrorCode.HOST_UNFIT, refused, "the host's log may tell more"));
    } catch (RuntimeException | IOException defect) {
      fail(failure(ErrorCode.BUG, defect, "please report it"));
    }
    return 1;
  }

  private CasemateException failure(ErrorCode code, Exception cause, String advice) {
    return new CasemateException(
        code, "create container " + request.id(), cause.toString(), advice, cause);
  }

  /** Undoes everything first, so that nothing is left when the caller hears of it. */
  private void fail(CasemateException failure) {
    CasemateException error =
        caller.hasGone() ? Caller.goneAway() : DiskSpace.explain(failure, written);
    unwinding.run();
    try {
      stream.sendError(error);
    } catch (IOException nobodyListens) {
      log.warn(failure.getMessage());
    }
  }

  private void lookAfter(Container container) {
    ExitStatus exit = container.exit().join();
    exit.reason().ifPresent(reason -> log.warn("container " + request.id() + ": " + reason));
    exitCode = exit.code();
    recordStays = true;
    unwinding.run();
    if (control != null && !control.awaitAnswers(ANSWERS_BOUND)) {
      log.warn("container " + request.id() + ": a verb got no answer");
    }
  }

  /**
   * Makes everything. On the way back the machine goes first and the stand-in late: whoever reaps
   * it finds the machine gone.
   */
  private Container make() throws IOException {
    Phases phases = new Phases(System.nanoTime() - sinceBegun());
    phases.end("monitor");
    Spec spec = readSpec();
    JoinedNamespaces.refuseAll(spec);
    RunDirectory run = RunDirectory.choose();
    ContainerLedger ledger = ContainerLedger.claim(store, firstRecord(spec, run));
    unwinding.add("claim of the id", () -> release(ledger));
    written = List.of(run.path(), run.scratch(), request.root());
    HostSandbox host =
        HostSandbox.make(
            runtime,
            run,
            request.id(),
            spec,
            new HostSandbox.Wishes(request.scratch(), request.loopbackOnly()),
            log::warn);
    unwinding.add("directory and control groups", host::close);
    ledger.placed(host.cgroups().made());
    log.keepIn(store.directory(request.id()));
    host.cgroups().add(ProcessHandle.current().pid());
    StandInProcess.Awaited awaited = StandInProcess.await(host.run().pipes(), "init");
    unwinding.add("pipes of the stand-in", awaited::close);
    stream.send(Message.READY, new StandInPlace(awaited.fifos(), host.networkNamespace()).toJson());
    caller.listen(() -> killAll(host.cgroups()));

    Unwinding.Step standInsEnd = unwinding.reserve("stand-in");
    unwinding.add("machine and files", host::stop);
    GuestContainer guestContainer = host.storage().share(request.id(), request.bundle(), spec);
    ContainerRequest first = new ContainerRequest(request.id(), request.bundle(), spec);
    SandboxRequest wanted =
        runtime.sandboxRequest(request.id(), spec, MachineLimits.of(spec), host.run());
    Observer observer = new Observer(ledger);
    Sandbox sandbox;
    StandInProcess standIn;
    if (spec.hooks().precedeCreation()) {
      standIn = takeStandIn(awaited, host, spec, standInsEnd);
      standIn.awaitArrival();
      sandbox = host.boot(wanted, observer, first, standIn.pid(), phases);
    } else {
      // The machine boots while the caller spawns.
      sandbox = host.boot(wanted, observer, phases);
      standIn = takeStandIn(awaited, host, spec, standInsEnd);
    }
    Container container =
        sandbox.create(
            first,
            guestContainer.withProcess(
                CallerLimits.inherited(guestContainer.spec().process(), standIn.pid())),
            standIn,
            phases);
    ControlServer server =
        ControlServer.listen(
            host.run().controlSocket(),
            new ContainerVerbs(sandbox, container, host.cgroups(), host.run().pipes()),
            log::warn);
    control = server;
    unwinding.add("control socket", server::close);
    ledger.made(Math.toIntExact(standIn.pid()), sandbox.summary(), phases.all());
    stream.send(Message.DONE, report(ledger.current()));
    return container;
  }

  private StandInProcess takeStandIn(
      StandInProcess.Awaited awaited, HostSandbox host, Spec spec, Unwinding.Step end) {
    StandInProcess standIn =
        ContainerVerbs.take(
            awaited, host.cgroups(), caller.standIn(), spec.process(), request.consoleSocket());
    end.undoneBy(() -> standIn.finish(exitCode));
    return standIn;
  }

  private void release(ContainerLedger ledger) {
    if (!recordStays) {
      ledger.release();
    }
  }

  /**
   * The caller went away: whatever runs for it dies, so that nothing that is being waited for comes
   * and the making fails. Again and again, since more may be started meanwhile.
   */
  private static void killAll(SandboxCgroups cgroups) {
    CgroupRemoval removal = new CgroupRemoval(cgroups.made());
    while (true) {
      try {
        removal.kill();
        Thread.sleep(HURRY_PAUSE);
      } catch (CasemateException busy) {
        // The next round tries again.
      } catch (InterruptedException impossible) {
        return;
      }
    }
  }

  /** How long ago the caller began, by the wall clock, which both processes share. */
  private long sinceBegun() {
    return Math.max(0, System.currentTimeMillis() - request.begunMillis()) * 1_000_000;
  }

  private Spec readSpec() {
    Path file = request.bundle().resolve(Spec.FILE_NAME);
    try {
      return Spec.parse(Files.readAllBytes(file));
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.NOT_FOUND,
          "read " + file,
          String.valueOf(failure),
          "name a bundle with a config.json",
          failure);
    }
  }

  private ContainerRecord firstRecord(Spec spec, RunDirectory run) {
    return new ContainerRecord(
        request.id(),
        spec.ociVersion(),
        ContainerStatus.CREATING,
        0,
        request.bundle(),
        request.bundle().resolve(spec.root().path()).normalize(),
        spec.annotations(),
        Instant.now(),
        StateStore.owner(),
        ProcessIdentity.self(),
        run.path(),
        SandboxCgroups.planned(spec.linux().cgroupsPath(), request.id()),
        spec.hooks().poststop(),
        null,
        List.of(),
        null);
  }

  private static JsonObject report(ContainerRecord now) {
    return JsonObject.builder()
        .put("pid", now.pid())
        .put("machine", now.machine() == null ? null : ContainerRecord.machineJson(now.machine()))
        .putArray("phases", ContainerRecord.phasesJson(now.phases()))
        .build();
  }

  /** Keeps the record in step with the container. */
  private final class Observer implements ContainerObserver {
    private final ContainerLedger ledger;

    Observer(ContainerLedger ledger) {
      this.ledger = ledger;
    }

    @Override
    public void changed(Container container) {
      try {
        ledger.follow(container);
      } catch (CasemateException unwritable) {
        // The container goes on; a reader sees the state before, and the monitor's end.
        log.warn(unwritable.getMessage());
      }
    }

    @Override
    public void outOfMemory(Container container) {
      // Its end tells it as the reason.
    }

    @Override
    public void warned(String what) {
      log.warn(what);
    }
  }
}
