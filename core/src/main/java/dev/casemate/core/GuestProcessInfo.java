package dev.casemate.core;

import java.time.Duration;
import java.time.Instant;

/**
 * A process of a container as the guest's kernel sees it.
 *
 * @param terminal the terminal's name, or {@code ?}
 * @param command the command line, at most 4096 characters
 */
public record GuestProcessInfo(
    int pid, int parent, int uid, Instant started, Duration cpu, String terminal, String command) {}
