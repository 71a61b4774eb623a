/**
 * How a container's files get into its machine: which mounts are shared from the host and which the
 * guest makes by itself, the tree of bind mounts that is shared, the daemon that serves it, and the
 * specification as the guest gets it.
 */
package dev.casemate.host.storage;
