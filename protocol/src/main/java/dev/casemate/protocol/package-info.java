/** The host/guest contract: ttRPC framing, client and server, and the agent's services. */
package dev.casemate.protocol;
