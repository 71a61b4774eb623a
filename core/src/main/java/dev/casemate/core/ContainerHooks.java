package dev.casemate.core;

import dev.casemate.model.oci.ContainerStatus;
import dev.casemate.model.oci.Hook;
import dev.casemate.model.oci.Hooks;
import dev.casemate.model.oci.Spec;
import dev.casemate.model.oci.State;
import java.util.List;

/**
 * The hooks of one container that the sandbox runs: all but poststop, which its remover runs. Those
 * before the creation are for the thread that creates the container.
 */
final class ContainerHooks {
  private final ContainerRequest request;
  private final HookRunner runner;
  private boolean creationPrepared;

  ContainerHooks(ContainerRequest request, HookRunner runner) {
    this.request = request;
    this.runner = runner;
  }

  /**
   * Runs those before the guest makes the container, in the order of the runtime specification;
   * once, whoever asks.
   *
   * @param pid the stand-in's process id
   * @throws dev.casemate.model.CasemateException HOOK_FAILED
   */
  void beforeCreation(long pid) {
    if (creationPrepared) {
      return;
    }
    creationPrepared = true;
    Hooks hooks = request.spec().hooks();
    State state = state(ContainerStatus.CREATING, pid);
    run(HookRunner.Moment.PRESTART, hooks.prestart(), state);
    run(HookRunner.Moment.CREATE_RUNTIME, hooks.createRuntime(), state);
    run(HookRunner.Moment.CREATE_CONTAINER, hooks.createContainer(), state);
  }

  /** Runs those after the first process was let go. */
  void afterStart(long pid) {
    State state = state(ContainerStatus.RUNNING, pid);
    run(HookRunner.Moment.POSTSTART, request.spec().hooks().poststart(), state);
  }

  private void run(HookRunner.Moment moment, List<Hook> hooks, State state) {
    if (!hooks.isEmpty()) {
      runner.run(moment, hooks, state);
    }
  }

  private State state(ContainerStatus status, long pid) {
    Spec spec = request.spec();
    return new State(
        spec.ociVersion(),
        request.id(),
        status,
        Math.toIntExact(pid),
        request.bundle().toString(),
        spec.annotations());
  }
}
