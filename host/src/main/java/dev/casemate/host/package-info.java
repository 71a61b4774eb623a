/** The host's adapters and HostRuntime, where everything is wired. */
package dev.casemate.host;
