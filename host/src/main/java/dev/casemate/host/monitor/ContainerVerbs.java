package dev.casemate.host.monitor;

import dev.casemate.core.Container;
import dev.casemate.core.GuestProcessInfo;
import dev.casemate.core.Sandbox;
import dev.casemate.host.caller.CallerLimits;
import dev.casemate.host.caller.StandInProcess;
import dev.casemate.host.cgroup.SandboxCgroups;
import dev.casemate.host.control.ControlRequest;
import dev.casemate.host.control.Message;
import dev.casemate.host.control.MessageStream;
import dev.casemate.host.storage.ResourcesForGuest;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.WindowSize;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonNumber;
import dev.casemate.model.json.JsonObject;
import dev.casemate.model.oci.ConsoleSize;
import dev.casemate.model.oci.ProcessSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The verbs on a container that exists. Thread-safe. */
final class ContainerVerbs implements ControlServer.Handler {
  /** A caller that went away is noticed when it is answered. */
  private static final Duration NOTICE_BOUND = Duration.ofSeconds(30);

  private final Sandbox sandbox;
  private final Container container;
  private final SandboxCgroups cgroups;
  private final Path pipes;
  private final AtomicLong execs = new AtomicLong();

  ContainerVerbs(Sandbox sandbox, Container container, SandboxCgroups cgroups, Path pipes) {
    this.sandbox = sandbox;
    this.container = container;
    this.cgroups = cgroups;
    this.pipes = pipes;
  }

  @Override
  public JsonObject handle(ControlRequest request, MessageStream stream) throws IOException {
    try {
      return answer(request, stream);
    } catch (CasemateException failure) {
      throw sandbox.explain(failure);
    }
  }

  private JsonObject answer(ControlRequest request, MessageStream stream) throws IOException {
    return switch (request) {
      case ControlRequest.Start _ -> done(container::start);
      case ControlRequest.Kill kill -> done(() -> container.kill(kill.signal(), kill.all()));
      case ControlRequest.Exec exec -> exec(exec, stream);
      case ControlRequest.Resize resize ->
          done(() -> container.resize(Optional.ofNullable(resize.exec()), resize.size()));
      case ControlRequest.Pause _ -> done(container::pause);
      case ControlRequest.Resume _ -> done(container::resume);
      case ControlRequest.Processes _ -> processes();
      case ControlRequest.Stats _ -> StatsDocument.of(container.stats());
      case ControlRequest.AwaitOutOfMemory await ->
          JsonObject.builder()
              .put("count", container.awaitOutOfMemory(await.known(), NOTICE_BOUND))
              .build();
      case ControlRequest.Update update -> update(update);
      case ControlRequest.Destroy _ ->
          done(() -> {
            sandbox.stop();
            container.exit().join();
          });
    };
  }

  private static JsonObject done(Runnable verb) {
    verb.run();
    return JsonObject.EMPTY;
  }

  private JsonObject exec(ControlRequest.Exec request, MessageStream stream) throws IOException {
    try (StandInProcess.Awaited awaited =
        StandInProcess.await(pipes, "exec-" + execs.incrementAndGet())) {
      stream.send(Message.READY, awaited.fifos().toJson());
      Message named = stream.receive();
      if (named == null || !named.is(Message.STAND_IN)) {
        throw new CasemateException(
            ErrorCode.CANCELLED, "exec in container " + container.id(), "the caller went away", "");
      }
      StandInProcess caller =
          take(
              awaited,
              cgroups,
              named.content().require("pid").int32(),
              request.process(),
              request.consoleSocket());
      try {
        container.exec(
            request.exec(), CallerLimits.inherited(request.process(), caller.pid()), caller);
      } catch (RuntimeException failure) {
        caller.finish(255);
        throw failure;
      }
    }
    return JsonObject.EMPTY;
  }

  /** Moves a stand-in into the sandbox's control groups and takes its streams over. */
  static StandInProcess take(
      StandInProcess.Awaited awaited,
      SandboxCgroups cgroups,
      int pid,
      ProcessSpec process,
      @Nullable Path consoleSocket) {
    try {
      cgroups.add(pid);
      ConsoleSize size = process.consoleSize();
      return awaited.take(
          pid,
          process.terminal(),
          consoleSocket,
          size == null
              ? new WindowSize(0, 0)
              : new WindowSize((int) size.width(), (int) size.height()));
    } catch (LinuxException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "take over the streams of process " + pid,
          String.valueOf(failure.getMessage()),
          "run as root on Linux 5.6 or later",
          failure);
    }
  }

  /** What cannot be had in a guest is told, not refused: engines set all that they know of. */
  private JsonObject update(ControlRequest.Update update) {
    ResourcesForGuest kept = ResourcesForGuest.ofUpdate(update.resources());
    container.update(kept.resources());
    return JsonObject.builder().putStrings("notes", kept.notes()).build();
  }

  private JsonObject processes() {
    List<JsonObject> table = new ArrayList<>();
    for (GuestProcessInfo process : container.processes()) {
      table.add(
          JsonObject.builder()
              .put("pid", process.pid())
              .put("parent", process.parent())
              .put("uid", process.uid())
              .put("state", process.state())
              .put("cpuMillis", process.cpu().toMillis())
              .put("command", process.command())
              .build());
    }
    List<JsonNumber> hostPids = new ArrayList<>();
    for (long pid : container.hostPids()) {
      hostPids.add(JsonNumber.of(pid));
    }
    return JsonObject.builder().putArray("processes", table).putArray("hostPids", hostPids).build();
  }
}
