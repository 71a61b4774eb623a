package dev.casemate.model.configuration;

import java.time.Duration;

/**
 * Section {@code [agent.kata]}.
 *
 * @param enableDebug whether the agent logs all it does
 * @param dialTimeout from power-on to the agent's first answer
 * @param createContainerTimeout for the agent to create a container
 */
public record AgentConfiguration(
    boolean enableDebug, Duration dialTimeout, Duration createContainerTimeout) {}
