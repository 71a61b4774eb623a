package dev.casemate.core;

import dev.casemate.model.oci.ContainerStatus;

/** Where a container is in its life; each state carries only what exists in it. */
public sealed interface ContainerState {
  /** The word for it in the runtime specification. */
  ContainerStatus status();

  /** Being made: the hooks before it run, or the guest makes it. */
  record Creating() implements ContainerState {
    @Override
    public ContainerStatus status() {
      return ContainerStatus.CREATING;
    }
  }

  /** Made, its first process waiting to be started. */
  record Created() implements ContainerState {
    @Override
    public ContainerStatus status() {
      return ContainerStatus.CREATED;
    }
  }

  /** Its first process was let go. */
  record Running() implements ContainerState {
    @Override
    public ContainerStatus status() {
      return ContainerStatus.RUNNING;
    }
  }

  /** Frozen. */
  record Paused() implements ContainerState {
    @Override
    public ContainerStatus status() {
      return ContainerStatus.PAUSED;
    }
  }

  /** Its first process ended. */
  record Stopped(ExitStatus exit) implements ContainerState {
    /** What whoever wants more of it is told to do. */
    public static final String ADVICE = "a container that has stopped can only be deleted";

    @Override
    public ContainerStatus status() {
      return ContainerStatus.STOPPED;
    }
  }
}
