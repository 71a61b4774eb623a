package dev.casemate.core;

/** What a sandbox works with. */
public record SandboxPorts(
    Hypervisor hypervisor,
    GuestAgentConnector connector,
    ContainerStorage storage,
    HookRunner hooks,
    ContainerObserver observer) {}
