package dev.casemate.core;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a sandbox shall be.
 *
 * @param id its name
 * @param hostname the guest's own host name
 * @param runDirectory see {@link MachineSpec#runDirectory}
 * @param size vCPUs and memory of the machine
 * @param bootBound how long the guest may take to its agent's first answer
 */
public record SandboxRequest(
    String id,
    String hostname,
    Path runDirectory,
    MachineSize size,
    GuestSoftware guest,
    VmmCredentials credentials,
    Duration bootBound) {}
