package dev.casemate.hypervisor.qemu;

/** What QEMU reports without being asked (QEMU's qapi/run-state.json). */
sealed interface QmpEvent {
  /**
   * The machine ends.
   *
   * @param guest whether the guest did it
   * @param reason {@code guest-shutdown}, {@code guest-reset}, {@code guest-panic}, {@code
   *     host-qmp-quit}, {@code host-signal} and others; empty when QEMU gives none
   */
  record Shutdown(boolean guest, String reason) implements QmpEvent {}

  /** The machine starts over. */
  record Reset(boolean guest, String reason) implements QmpEvent {}

  /** The guest told a paravirtual panic device that it is lost. */
  record GuestPanicked(String action) implements QmpEvent {}

  /** The virtual CPUs stand still. */
  record Stopped() implements QmpEvent {}

  /** The virtual CPUs run again. */
  record Resumed() implements QmpEvent {}

  /** The guest has opened or closed the serial port of that device id. */
  record PortChanged(String id, boolean open) implements QmpEvent {}

  /** An event that nothing here depends on. */
  record Other(String name) implements QmpEvent {}
}
