package dev.casemate.core;

/**
 * How what serves a sandbox's files came to its end.
 *
 * @param orderly whether it ended as it does when its machine has gone
 * @param why what happened, as a clause
 */
public record FileServiceEnd(boolean orderly, String why) {}
