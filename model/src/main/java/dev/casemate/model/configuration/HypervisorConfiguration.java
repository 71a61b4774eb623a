package dev.casemate.model.configuration;

/** Which VMM is used, and how. */
public sealed interface HypervisorConfiguration permits QemuConfiguration {}
