/**
 * Drivers for the VirtualMachine port, one package per VMM, and the supervision of VMM processes.
 */
@org.jspecify.annotations.NullMarked
module dev.casemate.hypervisor {
  requires static transitive org.jspecify;
  requires transitive dev.casemate.core;
  requires transitive dev.casemate.linux;

  exports dev.casemate.hypervisor;
  exports dev.casemate.hypervisor.qemu;
}
