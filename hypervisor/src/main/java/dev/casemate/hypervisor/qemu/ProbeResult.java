package dev.casemate.hypervisor.qemu;

import dev.casemate.core.MachineSummary.Accelerator;
import java.util.OptionalLong;

/**
 * What was found out about this host.
 *
 * @param accelerator how guest code runs
 * @param reason why, for people
 * @param tscKhz the host's time stamp counter, where it is known
 */
public record ProbeResult(Accelerator accelerator, String reason, OptionalLong tscKhz) {}
