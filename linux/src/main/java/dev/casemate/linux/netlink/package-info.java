/**
 * Links, addresses, routes and neighbours through {@code rtnetlink(7)}.
 *
 * <p><b>Contract.</b> {@link dev.casemate.linux.netlink.RouteSocket} asks, records say what. A
 * refusal is a {@link dev.casemate.linux.LinuxException} that carries the kernel's own explanation
 * where it gives one.
 *
 * <p><b>Threads.</b> A socket belongs to the network namespace of the thread that opens it, and to
 * one thread at a time.
 *
 * <p><b>Limits.</b> IPv4 and IPv6, no routes with several next hops.
 */
package dev.casemate.linux.netlink;
