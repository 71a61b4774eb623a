package dev.casemate.core;

/** What a sandbox works with. */
public record SandboxPorts(
    Hypervisor hypervisor,
    GuestAgentConnector connector,
    ContainerStorage storage,
    SandboxNetwork network,
    HookRunner hooks,
    ContainerObserver observer) {}
