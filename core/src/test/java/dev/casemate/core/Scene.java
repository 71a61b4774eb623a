package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.ExecId;
import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.Spec;
import dev.casemate.model.oci.State;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A sandbox of fakes with everything that it works with, all noting in one journal. */
final class Scene {
  static final ContainerId ID = new ContainerId("c1");
  static final ProcessId INIT = ProcessId.init(ID);
  static final ExecId EXEC = new ExecId("e1");

  final Journal journal = new Journal();
  final FakeAgent agent = new FakeAgent(journal);
  final FakeMachine machine = new FakeMachine(journal, agent);
  final FakeNetwork network = new FakeNetwork(journal);
  final FakeCaller caller = new FakeCaller(journal, 100);
  final CompletableFuture<FileServiceEnd> filesEnded = new CompletableFuture<>();
  final Phases phases = new Phases(System.nanoTime());
  private final Map<HookRunner.Moment, CasemateException> hookFailures = new HashMap<>();
  private Optional<RuntimeException> storageFailure = Optional.empty();
  private Optional<RuntimeException> observerFailure = Optional.empty();

  void failAtHook(HookRunner.Moment moment) {
    hookFailures.put(
        moment,
        new CasemateException(ErrorCode.HOOK_FAILED, "run the hook " + moment, "it exited", ""));
  }

  void failToOpenStorage(RuntimeException failure) {
    storageFailure = Optional.of(failure);
  }

  void failToObserve(RuntimeException failure) {
    observerFailure = Optional.of(failure);
  }

  /** Boots the machine. */
  Sandbox start() {
    return Sandbox.start(request(), ports(), phases);
  }

  /** Boots the machine for a container. */
  Sandbox startFor(Spec spec) {
    return Sandbox.start(request(), ports(), request(spec), caller.pid(), phases);
  }

  private static ContainerRequest request(Spec spec) {
    return new ContainerRequest(ID, Path.of("/bundle"), spec);
  }

  /** A container that was created. */
  Container created() {
    return create(start());
  }

  /** A container whose first process runs. */
  Container running() {
    Container container = created();
    container.start();
    return container;
  }

  /** A container that was frozen. */
  Container paused() {
    Container container = running();
    container.pause();
    return container;
  }

  /** A container whose first process ended with 0. */
  Container stopped() {
    Container container = running();
    agent.end(INIT, 0);
    awaitExit(container);
    return container;
  }

  static ExitStatus awaitExit(Container container) {
    return Gate.await(container.exit(), "the container has stopped");
  }

  Container create(Sandbox sandbox) {
    return create(sandbox, spec());
  }

  Container create(Sandbox sandbox, Spec spec) {
    return sandbox.create(
        request(spec), new GuestContainer(ID, spec, List.of(), false), caller, phases);
  }

  /** Starts a process beside the first one, with a caller of its own. */
  FakeCaller exec(Container container) {
    FakeCaller further = new FakeCaller(journal, 200);
    container.exec(EXEC, spec().process(), further);
    return further;
  }

  /** A spec without hooks. */
  static Spec spec() {
    String document =
        "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},"
            + "\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},\"annotations\":{\"k\":\"v\"}}";
    return Spec.parse(document.getBytes(StandardCharsets.UTF_8));
  }

  private static SandboxRequest request() {
    return new SandboxRequest(
        "c1",
        "box",
        Path.of("/run/x"),
        new MachineSize(2, 512L << 20),
        new GuestSoftware(Path.of("/k"), Optional.empty(), Path.of("/i"), List.of(), "6.1"),
        new VmmCredentials(1000, 1000),
        Duration.ofSeconds(30));
  }

  private SandboxPorts ports() {
    return new SandboxPorts(
        machine,
        _ -> agent,
        new Storage(),
        network,
        this::runHooks,
        new ContainerObserver() {
          @Override
          public void changed(Container container) {
            journal.note("observer " + container.state().status().text());
            if (observerFailure.isPresent()) {
              throw observerFailure.get();
            }
          }

          @Override
          public void outOfMemory(Container container) {
            journal.note("observer memory " + container.id());
          }

          @Override
          public void warned(String what) {
            journal.note("warning " + what);
          }
        });
  }

  private void runHooks(HookRunner.Moment moment, List<Hook> hooks, State state) {
    journal.note(
        "hooks " + moment + " " + hooks.size() + " " + state.status().text() + " " + state.pid());
    CasemateException failure = hookFailures.get(moment);
    if (failure != null) {
      throw failure;
    }
  }

  private final class Storage implements ContainerStorage {
    @Override
    public GuestContainer share(ContainerId id, Path bundle, Spec spec) {
      throw new IllegalStateException("a sandbox leaves the sharing to its maker");
    }

    @Override
    public void release(ContainerId id) {
      throw new IllegalStateException("a sandbox leaves the sharing to its maker");
    }

    @Override
    public List<MachineDevice> open() {
      journal.note("storage open");
      if (storageFailure.isPresent()) {
        throw storageFailure.get();
      }
      return List.of(new MachineDevice.VirtioFs("share", Path.of("/run/x/fs.sock")));
    }

    @Override
    public List<GuestMount> guestMounts() {
      return List.of(new GuestMount("virtio-fs", "share", "virtiofs", List.of(), "/shared"));
    }

    @Override
    public CompletableFuture<FileServiceEnd> ended() {
      return filesEnded.copy();
    }

    @Override
    public void close() {
      journal.note("storage close");
    }
  }
}
