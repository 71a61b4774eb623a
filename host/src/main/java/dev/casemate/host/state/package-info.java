/** What is kept of each container on disk, for the verbs that follow its making. */
package dev.casemate.host.state;
