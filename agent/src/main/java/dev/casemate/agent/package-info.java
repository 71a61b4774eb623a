/** The guest's PID 1: mounts, containers, streams, reaping. */
package dev.casemate.agent;
