package dev.casemate.hypervisor.qemu;

/** What the configuration says about how guest code is to run. */
public enum AcceleratorChoice {
  /** KVM where a probe machine ran under it, emulation elsewhere. */
  AUTO,
  /** KVM or an error: for hosts where emulation would only hide a mistake. */
  KVM,
  /** Emulation, without a probe. */
  TCG
}
