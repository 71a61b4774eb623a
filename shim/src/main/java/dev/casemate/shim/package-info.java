/** What containerd talks to. */
package dev.casemate.shim;
