package dev.casemate.core;

import dev.casemate.model.ContainerId;
import dev.casemate.model.oci.ProcessSpec;
import dev.casemate.model.oci.Spec;
import java.util.List;

/**
 * A container as the guest makes it.
 *
 * @param spec rewritten for the guest: its root and its mounts' sources are paths in the guest
 * @param mounts what the agent mounts for this container first
 * @param sharesProcessIds whether its processes are in the sandbox's process-id namespace, which
 *     the first such container brings along; otherwise it has one of its own
 */
public record GuestContainer(
    ContainerId id, Spec spec, List<GuestMount> mounts, boolean sharesProcessIds) {
  /** Copies the list. */
  public GuestContainer {
    mounts = List.copyOf(mounts);
  }

  /** The same with another first process. */
  public GuestContainer withProcess(ProcessSpec process) {
    return new GuestContainer(id, spec.withProcess(process), mounts, sharesProcessIds);
  }

  /** The same in the sandbox's process-id namespace. */
  public GuestContainer sharingProcessIds() {
    return new GuestContainer(id, spec, mounts, true);
  }
}
