/**
 * QEMU: command line, monitor protocol, probe of the accelerator, and what its deaths mean. Works
 * with QEMU 7.2 and newer.
 */
package dev.casemate.hypervisor.qemu;
