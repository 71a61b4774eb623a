/** Talks to the agent in the guest. */
package dev.casemate.host.guest;
