package dev.casemate.core;

/**
 * Starts virtual machines: one implementation per VMM. Thread-safe.
 *
 * <p>What only some VMMs can do is not here: it stands in {@link MachineCapability}, and a request
 * that needs a missing one fails with {@code UNSUPPORTED} before anything is touched.
 */
public interface Hypervisor {
  /** What the machines of this VMM can do on this host with the given guest. */
  MachineCapabilities capabilities();

  /**
   * Starts a machine and returns as soon as its VMM process runs; the guest is still booting.
   *
   * @throws dev.casemate.model.CasemateException HOST_UNFIT without a VMM, GUEST_IMAGE for a
   *     missing or damaged guest, VMM_DIED when the VMM refuses its arguments at once
   */
  VirtualMachine launch(MachineSpec spec);
}
