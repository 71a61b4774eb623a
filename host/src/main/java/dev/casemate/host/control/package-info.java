/**
 * What the command line and a sandbox's monitor say to each other: JSON, a line a message.
 *
 * <p>Two conversations. <em>Making a container</em> goes over the monitor's standard input and
 * output, whose end tells each that the other is gone. Every later verb goes over the monitor's
 * socket, a connection a verb.
 */
package dev.casemate.host.control;
