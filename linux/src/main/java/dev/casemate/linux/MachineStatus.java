package dev.casemate.linux;

/**
 * What {@code sysinfo(2)} tells.
 *
 * @param uptimeSeconds since boot
 * @param totalBytes usable memory
 * @param freeBytes memory that nothing uses, caches not counted
 * @param totalSwapBytes swap space
 * @param freeSwapBytes swap space that is free
 * @param tasks processes and threads; the kernel counts to 65535 here
 */
public record MachineStatus(
    long uptimeSeconds,
    long totalBytes,
    long freeBytes,
    long totalSwapBytes,
    long freeSwapBytes,
    int tasks) {}
