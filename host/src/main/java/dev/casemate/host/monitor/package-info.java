/**
 * The process that looks after one sandbox of the OCI command line, which has no daemon to call.
 *
 * <p>It lives in a session and a mount namespace of its own, so that what it mounts vanishes with
 * it, and it alone makes and removes what a sandbox has on disk. It begins with the caller of
 * {@code create} at its standard input and ends when the container has ended.
 */
package dev.casemate.host.monitor;
