/**
 * What all VMMs share: host processes that are spawned, watched, heard and ended without a trace.
 */
package dev.casemate.hypervisor;
