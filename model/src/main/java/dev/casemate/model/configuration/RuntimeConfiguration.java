package dev.casemate.model.configuration;

/**
 * Section {@code [runtime]}.
 *
 * @param enableDebug whether the runtime logs all it does
 * @param networkModel how the guest's network is connected
 * @param disableGuestSeccomp whether containers run without their seccomp profiles
 */
public record RuntimeConfiguration(
    boolean enableDebug, NetworkModel networkModel, boolean disableGuestSeccomp) {}
