package dev.casemate.host.control;

import dev.casemate.core.MachineSummary;
import dev.casemate.core.Phases.Phase;
import dev.casemate.host.state.ContainerRecord;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.json.JsonCursor;
import dev.casemate.model.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A monitor as the command line that starts it sees it: begin, name the stand-in, learn that the
 * container is there, commit. Until the commit the end of this process undoes everything. Owned by
 * one thread, but for {@link #close}.
 */
public final class MonitorProcess implements AutoCloseable {
  /** After a failure a monitor stops its machine and removes what it made; then it exits. */
  private static final Duration UNDO_BOUND = Duration.ofMinutes(1);

  private final Process process;
  private final MessageStream stream;
  private volatile boolean committed;

  private MonitorProcess(Process process) {
    this.process = process;
    stream =
        new MessageStream(
            new BufferedInputStream(process.getInputStream()),
            process.getOutputStream(),
            process.getOutputStream());
  }

  /**
   * What came of it.
   *
   * @param pid the stand-in's process id
   */
  public record Made(int pid, MachineSummary machine, List<Phase> phases) {}

  /**
   * Starts a monitor, in a session and a mount namespace of its own, and asks it for a container.
   *
   * @param home the installation's directory
   * @throws CasemateException HELPER_DIED when it does not start, or what the monitor reports
   */
  public static MonitorProcess begin(Path home, CreateRequest request) {
    ProcessBuilder builder =
        new ProcessBuilder(
                "setsid",
                "unshare",
                "--mount",
                "--propagation",
                "slave",
                "--",
                home.resolve("bin/casemate").toString(),
                "monitor")
            .directory(new File("/"))
            .redirectErrorStream(true);
    try {
      MonitorProcess monitor = new MonitorProcess(builder.start());
      monitor.send(Message.CREATE, request.toJson());
      return monitor;
    } catch (IOException failure) {
      throw new CasemateException(
          ErrorCode.HOST_UNFIT,
          "start the sandbox's monitor",
          String.valueOf(failure.getMessage()),
          "is util-linux (setsid, unshare) installed?",
          failure);
    }
  }

  /** The monitor's process id. */
  public long pid() {
    return process.pid();
  }

  /** Whether the container was told to stay. */
  public boolean isCommitted() {
    return committed;
  }

  /** Waits until the stand-in can be spawned; tells where. */
  public StandInPlace awaitReady() {
    return StandInPlace.parse(expect(Message.READY));
  }

  /** Names the stand-in. */
  public void nameStandIn(long pid) {
    send(Message.STAND_IN, JsonObject.builder().put("pid", pid).build());
  }

  /** Waits until the container is there. */
  public Made awaitMade() {
    JsonCursor at = expect(Message.DONE);
    return new Made(
        at.require("pid").int32(),
        ContainerRecord.machine(at.require("machine")),
        ContainerRecord.phases(at, "phases"));
  }

  /** Says that the container shall stay. */
  public void commit() {
    send(Message.COMMIT, JsonObject.EMPTY);
    committed = true;
  }

  private void send(String kind, JsonObject content) {
    try {
      stream.send(kind, content);
    } catch (IOException broken) {
      // Its last words say more than the broken pipe does.
      expect(Message.DONE);
      throw died(broken);
    }
  }

  private JsonCursor expect(String kind) {
    try {
      return stream.expect(kind);
    } catch (IOException broken) {
      throw died(broken);
    }
  }

  private static CasemateException died(IOException why) {
    return new CasemateException(
        ErrorCode.HELPER_DIED,
        "make the container",
        "the sandbox's monitor died: " + why.getMessage(),
        "try again; the host's log may tell who killed it",
        why);
  }

  /**
   * Lets go of the monitor; without a commit it undoes everything, and that is waited for. May be
   * called by another thread, which ends what the owner waits for, and again.
   */
  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException alreadyGone) {
      // Nothing is left to tell it.
    }
    if (committed) {
      return;
    }
    try {
      if (!process.waitFor(UNDO_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
