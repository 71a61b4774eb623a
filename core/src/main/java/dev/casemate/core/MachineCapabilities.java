package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.util.Set;

/** The capabilities of one kind of machine, under the name that a person knows it by. */
public record MachineCapabilities(String machine, Set<MachineCapability> supported) {
  /** Copies the set. */
  public MachineCapabilities {
    supported = Set.copyOf(supported);
  }

  /** Whether the machine can do it. */
  public boolean has(MachineCapability capability) {
    return supported.contains(capability);
  }

  /** Fails with UNSUPPORTED, naming machine and capability, unless the machine can do it. */
  public void require(MachineCapability capability, String tried) {
    if (!has(capability)) {
      throw new CasemateException(
          ErrorCode.UNSUPPORTED,
          tried,
          machine + " has no " + capability,
          "choose another machine type or VMM");
    }
  }
}
