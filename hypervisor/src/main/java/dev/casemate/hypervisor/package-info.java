/**
 * Drivers for the VirtualMachine port, one package per VMM, and the supervision of VMM processes.
 */
package dev.casemate.hypervisor;
