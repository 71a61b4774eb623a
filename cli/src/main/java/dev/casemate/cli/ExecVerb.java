package dev.casemate.cli;

import dev.casemate.cli.line.Flags;
import dev.casemate.core.ContainerState;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ContainerId;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.ExecId;
import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.ProcessSpec;
import java.time.Duration;
import java.util.Optional;

/** {@code exec}: runs a further process in a container. */
final class ExecVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    PreservedDescriptors.refuse(invocation);
    ContainerId id = invocation.container();
    ContainerView container = invocation.host().find(id);
    checkStatus(invocation, container);
    ProcessSpec process = ExecProcess.of(invocation, container);
    Optional<String> consoleSocket = CreateVerb.consoleSocket(invocation);
    boolean detach = invocation.line().has(Flags.DETACH);
    if (detach || consoleSocket.isPresent()) {
      CreateVerb.checkTerminal(process.terminal(), consoleSocket);
    }
    ExecId exec = newExecId();
    StandIn standIn;
    try (Creation creation = invocation.host().exec(container, exec, process, consoleSocket)) {
      standIn = StandIn.spawn(creation, true);
    }
    try {
      CreateVerb.writePidFile(invocation, standIn);
    } catch (CasemateException failure) {
      // The host kills the process in the guest when its stand-in is gone.
      standIn.process().destroyForcibly();
      throw failure;
    }
    if (detach) {
      return 0;
    }
    boolean ownTerminal = process.terminal() && consoleSocket.isEmpty();
    int code;
    try (Foreground _ =
        Foreground.enter(
            invocation.host(), id, Optional.of(exec), standIn.process().pid(), ownTerminal)) {
      code = standIn.await();
    }
    // A process that was killed in a living container is no reason to wait.
    UnnaturalEnd.tell(invocation, id, code, Duration.ZERO);
    return code;
  }

  private static String advice(ContainerStatus status) {
    return switch (status) {
      case PAUSED -> "resume it first, or use --ignore-paused";
      case STOPPED -> ContainerState.Stopped.ADVICE;
      case CREATING, CREATED, RUNNING -> "wait until it is made";
    };
  }

  /** Names this process and moment, so that a detached one may outlive its starter's pid. */
  private static ExecId newExecId() {
    return new ExecId(
        "exec-" + ProcessHandle.current().pid() + "-" + Long.toString(System.nanoTime(), 36));
  }

  private static void checkStatus(Invocation invocation, ContainerView container) {
    ContainerStatus status = container.status();
    boolean refused =
        status == ContainerStatus.STOPPED
            || status == ContainerStatus.CREATING
            || (status == ContainerStatus.PAUSED && !invocation.line().has(Flags.IGNORE_PAUSED));
    if (refused) {
      throw new CasemateException(
          ErrorCode.WRONG_STATE,
          "exec in container " + container.id(),
          "exec failed: cannot exec in a " + status.text() + " container" + container.endNote(),
          advice(status));
    }
  }
}
