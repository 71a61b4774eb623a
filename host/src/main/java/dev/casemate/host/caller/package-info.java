/**
 * The caller's side of a process in the guest: the host process that stands in for it, and its
 * standard streams.
 *
 * <p>A stand-in is a small shell (see {@code libexec/stand-in}) that the command line spawns as its
 * own child, so that whoever called reaps it. It inherits the caller's streams; the monitor takes
 * duplicates of them, {@code pidfd_getfd(2)} since Linux 5.6, which works for pipes, files, sockets
 * and terminals alike. Two FIFOs carry orders to it and reports of signals from it; the end of the
 * orders tells it that the monitor died.
 */
package dev.casemate.host.caller;
