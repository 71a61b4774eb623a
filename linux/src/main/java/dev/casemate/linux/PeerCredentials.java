package dev.casemate.linux;

/**
 * Who is at the other end of a Unix socket, as it was when it connected or listened.
 *
 * @param pid the process, 0 when it is outside of this pid namespace
 * @param uid the user
 * @param gid the group
 */
public record PeerCredentials(int pid, int uid, int gid) {}
