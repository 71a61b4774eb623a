package dev.casemate.core;

import dev.casemate.model.ContainerId;
import dev.casemate.model.ExecId;
import java.util.Optional;

/** A process that we started in the guest: a container's first one, or one added by exec. */
public record ProcessId(ContainerId container, Optional<ExecId> exec) {
  /** The container's first process. */
  public static ProcessId init(ContainerId container) {
    return new ProcessId(container, Optional.empty());
  }

  /** A process added by exec. */
  public static ProcessId exec(ContainerId container, ExecId exec) {
    return new ProcessId(container, Optional.of(exec));
  }

  @Override
  public String toString() {
    return exec.isPresent() ? container + "/" + exec.get() : container.toString();
  }
}
