package dev.casemate.core;

/** Speaks the agent's protocol over a channel. */
public interface GuestAgentConnector {
  /** Starts to speak; the agent may not listen yet. The agent owns the channel from now on. */
  GuestAgent connect(GuestChannel channel);
}
