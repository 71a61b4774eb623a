package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.network.PodInterface;
import dev.casemate.model.network.PodNetwork;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Resources;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A guest without a guest: its processes end when the test says so or when SIGKILL reaches them, a
 * removed container's processes are killed, and once it is silent every call fails, also those that
 * wait. Any call can be made to fail or to be held, by its name.
 */
final class FakeAgent implements GuestAgent {
  private static final int SIGKILL = 9;
  private static final int KILLED = 137;

  private final Journal journal;
  private final Map<String, RuntimeException> failures = new ConcurrentHashMap<>();
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();
  private final Map<ProcessId, CompletableFuture<Integer>> processes = new ConcurrentHashMap<>();
  private final LinkedBlockingQueue<MemoryEvent> memoryEvents = new LinkedBlockingQueue<>();
  private MemoryEvent lastMemoryEvent = MemoryEvent.of(CompletableFuture.failedFuture(silent()));
  private final CompletableFuture<Integer> silence = new CompletableFuture<>();

  /** An event, and whether whoever waited for it has come back for the next one. */
  private record MemoryEvent(
      CompletableFuture<ContainerId> container, CompletableFuture<Void> handled) {
    static MemoryEvent of(CompletableFuture<ContainerId> container) {
      return new MemoryEvent(container, new CompletableFuture<>());
    }
  }

  FakeAgent(Journal journal) {
    this.journal = journal;
  }

  /** Lets a call fail from now on. */
  void failAt(String call, RuntimeException failure) {
    failures.put(call, failure);
  }

  /** Holds a call from now on. */
  Gate holdAt(String call) {
    Gate gate = new Gate();
    gates.put(call, gate);
    return gate;
  }

  /** Lets a process end by itself. */
  void end(ProcessId id, int code) {
    process(id).complete(code);
  }

  private CompletableFuture<Integer> process(ProcessId id) {
    CompletableFuture<Integer> process = processes.get(id);
    if (process == null) {
      throw new CasemateException(ErrorCode.NOT_FOUND, "find " + id, "there is none", "");
    }
    return process;
  }

  /** Reports that the kernel killed in a container for memory; returns when that was heard. */
  void reportOutOfMemory(ContainerId container) {
    MemoryEvent event = MemoryEvent.of(CompletableFuture.completedFuture(container));
    memoryEvents.add(event);
    Gate.await(event.handled, "the lack of memory was heard of");
  }

  /** Answers nothing any more. */
  void fallSilent() {
    silence.completeExceptionally(silent());
    memoryEvents.add(MemoryEvent.of(CompletableFuture.failedFuture(silent())));
  }

  static CasemateException silent() {
    return new CasemateException(
        ErrorCode.AGENT_SILENT, "ask the agent", "the peer closed the connection", "");
  }

  private void call(String name, Object... arguments) {
    StringBuilder line = new StringBuilder("agent ").append(name);
    for (Object argument : arguments) {
      line.append(' ').append(argument);
    }
    journal.note(line.toString());
    behave(name);
  }

  private void behave(String name) {
    Gate gate = gates.get(name);
    if (gate != null) {
      gate.pass();
    }
    if (silence.isDone()) {
      throw silent();
    }
    RuntimeException failure = failures.get(name);
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public String greet(Duration bound) {
    call("greet");
    return "fake";
  }

  @Override
  public void prepareSandbox(GuestSandbox sandbox) {
    call("prepareSandbox", sandbox.hostname(), sandbox.shares().size());
  }

  @Override
  public void configureNetwork(PodNetwork network) {
    call("configureNetwork", network.interfaces().stream().map(PodInterface::name).toList());
  }

  @Override
  public GuestConnection dial(byte[] address, int port) {
    call("dial", address.length, port);
    throw new CasemateException(ErrorCode.HOST_UNFIT, "connect", "nobody listens", "");
  }

  @Override
  public void createContainer(GuestContainer container) {
    call("createContainer", container.id());
    processes.put(ProcessId.init(container.id()), new CompletableFuture<>());
  }

  @Override
  public void startContainer(ContainerId container) {
    call("startContainer", container);
  }

  @Override
  public void exec(ProcessId id, ProcessSpec process) {
    call("exec", id);
    processes.put(id, new CompletableFuture<>());
  }

  @Override
  public int waitFor(ProcessId id) {
    // Not noted: threads of the containers' own wait, and come when they like.
    behave("waitFor");
    try {
      return (Integer) CompletableFuture.anyOf(process(id), silence).join();
    } catch (CompletionException ended) {
      throw silent();
    }
  }

  @Override
  public void signal(ProcessId id, int signal) {
    call("signal", id, signal);
    if (signal == SIGKILL) {
      end(id, KILLED);
    }
  }

  @Override
  public void signalAll(ContainerId container, int signal) {
    call("signalAll", container, signal);
    if (signal == SIGKILL) {
      killAll(container);
    }
  }

  private void killAll(ContainerId container) {
    processes.forEach((id, end) -> {
      if (id.container().equals(container)) {
        end.complete(KILLED);
      }
    });
  }

  @Override
  public InputStream standardOutput(ProcessId id) {
    return InputStream.nullInputStream();
  }

  @Override
  public InputStream standardError(ProcessId id) {
    return InputStream.nullInputStream();
  }

  @Override
  public OutputStream standardInput(ProcessId id) {
    return OutputStream.nullOutputStream();
  }

  @Override
  public void hangUp(ProcessId id) {
    call("hangUp", id);
  }

  @Override
  public void resizeTerminal(ProcessId id, TerminalSize size) {
    call("resizeTerminal", id, size.columns(), size.rows());
  }

  @Override
  public void pause(ContainerId container) {
    call("pause", container);
  }

  @Override
  public void resume(ContainerId container) {
    call("resume", container);
  }

  @Override
  public void update(ContainerId container, Resources resources) {
    call("update", container);
  }

  @Override
  public ContainerStats stats(ContainerId container) {
    call("stats", container);
    return new ContainerStats(
        new ContainerStats.Cpu(1, 1, 0, 0, 0, 0),
        new ContainerStats.Memory(1, 1, Long.MAX_VALUE, 0, 0, 0, Map.of()),
        new ContainerStats.Pids(1, 0),
        List.of());
  }

  @Override
  public List<GuestProcessInfo> processes(ContainerId container) {
    call("processes", container);
    return List.of(new GuestProcessInfo(1, 0, 0, "S", Duration.ZERO, "init"));
  }

  @Override
  public void removeContainer(ContainerId container) {
    call("removeContainer", container);
    killAll(container);
  }

  @Override
  public ContainerId awaitOutOfMemory() {
    lastMemoryEvent.handled.complete(null);
    try {
      lastMemoryEvent = memoryEvents.take();
      return lastMemoryEvent.container.join();
    } catch (CompletionException ended) {
      throw silent();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException("nobody interrupts", interrupted);
    }
  }

  @Override
  public void setClock(Instant now) {
    call("setClock");
  }

  @Override
  public void close() {
    journal.note("agent close");
    fallSilent();
  }
}
