package dev.casemate.testkit;

import java.util.Optional;

/**
 * The host processes of a pod under containerd, found as a person with a debugger would: by command
 * lines. For tests that kill them.
 */
public final class PodProcesses {
  private final String mark;

  private PodProcesses(String mark) {
    this.mark = mark;
  }

  /** Those of a pod, or of a container that belongs to none. */
  public static PodProcesses of(String id) {
    return new PodProcesses("-id " + id);
  }

  /** Those of the only pod that a containerd has, whatever its id. */
  public static PodProcesses of(Containerd containerd) {
    return new PodProcesses("-address " + containerd.socket() + " ");
  }

  /** The shim, ours or runc's; waits until there is one. */
  public ProcessHandle shim() {
    return Await.value("the shim runs", Await.BOUND, this::findShim);
  }

  private Optional<ProcessHandle> findShim() {
    return ProcessHandle.allProcesses()
        .filter(process -> isShim(process.info().commandLine().orElse("")))
        .findFirst();
  }

  private boolean isShim(String command) {
    return command.contains(mark)
        && (command.contains("dev.casemate.shim.Main")
            || command.contains("containerd-shim-runc-v2"));
  }

  /** The VMM; waits until there is one. */
  public ProcessHandle vmm() {
    return child("qemu-system");
  }

  /** The file daemon that the others depend on; waits until there is one. */
  public ProcessHandle fileDaemon() {
    return child("virtiofsd");
  }

  private ProcessHandle child(String program) {
    return Await.value(
        program + " runs",
        Await.BOUND,
        () ->
            findShim().stream()
                .flatMap(ProcessHandle::children)
                .filter(child -> child.info().command().orElse("").contains(program))
                .findFirst());
  }
}
