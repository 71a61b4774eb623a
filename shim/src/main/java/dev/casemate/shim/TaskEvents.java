package dev.casemate.shim;

import dev.casemate.core.ExitStatus;
import dev.casemate.shim.containerd.Mount;
import dev.casemate.shim.containerd.TaskCreate;
import dev.casemate.shim.containerd.TaskDelete;
import dev.casemate.shim.containerd.TaskExecAdded;
import dev.casemate.shim.containerd.TaskExecStarted;
import dev.casemate.shim.containerd.TaskExit;
import dev.casemate.shim.containerd.TaskOOM;
import dev.casemate.shim.containerd.TaskPaused;
import dev.casemate.shim.containerd.TaskResumed;
import dev.casemate.shim.containerd.TaskStart;
import java.nio.file.Path;
import java.util.List;

/** What one container's events say. Publishing never waits. Thread-safe. */
final class TaskEvents {
  private static final String PACKAGE = "containerd.events.";

  private final EventQueue queue;
  private final String container;

  TaskEvents(EventQueue queue, String container) {
    this.queue = queue;
    this.container = container;
  }

  void created(Path bundle, List<Mount> rootfs, Stdio stdio, int pid) {
    queue.publish(
        "/tasks/create",
        PACKAGE + "TaskCreate",
        TaskCreate.newBuilder()
            .setContainerId(container)
            .setBundle(bundle.toString())
            .addAllRootfs(rootfs)
            .setIo(stdio.toMessage())
            .setPid(pid)
            .build());
  }

  void started(int pid) {
    queue.publish(
        "/tasks/start",
        PACKAGE + "TaskStart",
        TaskStart.newBuilder().setContainerId(container).setPid(pid).build());
  }

  void execAdded(String exec) {
    queue.publish(
        "/tasks/exec-added",
        PACKAGE + "TaskExecAdded",
        TaskExecAdded.newBuilder().setContainerId(container).setExecId(exec).build());
  }

  void execStarted(String exec, int pid) {
    queue.publish(
        "/tasks/exec-started",
        PACKAGE + "TaskExecStarted",
        TaskExecStarted.newBuilder().setContainerId(container).setExecId(exec).setPid(pid).build());
  }

  /**
   * A process's end.
   *
   * @param process the exec id, or the container's own
   */
  void ended(String process, int pid, ExitStatus exit) {
    queue.publish(
        "/tasks/exit",
        PACKAGE + "TaskExit",
        TaskExit.newBuilder()
            .setContainerId(container)
            .setId(process)
            .setPid(pid)
            .setExitStatus(exit.code())
            .setExitedAt(Timestamps.of(exit.at()))
            .build());
  }

  void deleted(int pid, ExitStatus exit) {
    queue.publish(
        "/tasks/delete",
        PACKAGE + "TaskDelete",
        TaskDelete.newBuilder()
            .setContainerId(container)
            .setPid(pid)
            .setExitStatus(exit.code())
            .setExitedAt(Timestamps.of(exit.at()))
            .build());
  }

  void paused() {
    queue.publish(
        "/tasks/paused",
        PACKAGE + "TaskPaused",
        TaskPaused.newBuilder().setContainerId(container).build());
  }

  void resumed() {
    queue.publish(
        "/tasks/resumed",
        PACKAGE + "TaskResumed",
        TaskResumed.newBuilder().setContainerId(container).build());
  }

  void outOfMemory() {
    queue.publish(
        "/tasks/oom", PACKAGE + "TaskOOM", TaskOOM.newBuilder().setContainerId(container).build());
  }
}
