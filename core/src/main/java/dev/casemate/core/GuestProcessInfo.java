package dev.casemate.core;

import java.time.Duration;

/**
 * A process of a container as the guest's kernel sees it.
 *
 * @param state the scheduler's letter for it: R, S, D, T, Z …
 * @param command the command line, at most 4096 characters
 */
public record GuestProcessInfo(
    int pid, int parent, int uid, String state, Duration cpu, String command) {}
