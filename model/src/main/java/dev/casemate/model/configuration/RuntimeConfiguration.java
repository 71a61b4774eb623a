package dev.casemate.model.configuration;

/**
 * Section {@code [runtime]}.
 *
 * @param enableDebug whether the runtime logs all it does
 * @param disableGuestSeccomp whether containers run without their seccomp profiles
 */
public record RuntimeConfiguration(boolean enableDebug, boolean disableGuestSeccomp) {}
