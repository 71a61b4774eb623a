/**
 * Linux system calls through {@code java.lang.foreign}: the only package with native access.
 *
 * <p><b>Purpose.</b> What the agent (as PID 1 of a guest), the monitor and the hypervisor drivers
 * need of the kernel and the JDK does not offer: descriptors, mounts, namespaces, processes,
 * terminals, sockets that pass descriptors, vsock, rtnetlink, and calls on the machine.
 *
 * <p><b>Contract.</b> Three tiers: {@code NativeCall} holds the one downcall handle; the {@code
 * …Calls} classes are named as libc names its functions and lay out the structs; the public classes
 * speak of descriptors, mounts and processes. A refusal of the kernel is a {@link
 * dev.casemate.linux.LinuxException} with its {@link dev.casemate.linux.Errno}, the call, and what
 * it was about; nothing is retried but calls that a signal interrupted. {@code errno} is captured
 * per call, memory lives as long as its call. What is opened is close-on-exec and belongs to the
 * object that is returned.
 *
 * <p><b>Threads.</b> Calls that wait (read, write, accept, poll, wait) pin the carrier of a virtual
 * thread for as long: do them on platform threads. An interrupt does not end them; a {@link
 * dev.casemate.linux.Wakeup} does where one is taken. What {@link dev.casemate.linux.Namespace}
 * changes, it changes for the calling thread only.
 *
 * <p><b>Threats.</b> A path that a container can change may lead anywhere: {@link
 * dev.casemate.linux.Filesystem#openIn} resolves it beneath a directory. A process number may come
 * to mean another process: {@link dev.casemate.linux.Pidfd} does not. Descriptors that arrive over
 * a socket are bounded in number, and closed when there are more. Nothing here checks what a caller
 * may do: the kernel does.
 *
 * <p><b>Limits.</b> 64-bit Linux 5.12 or later (later calls say so) on x86_64 or aarch64 with glibc
 * 2.34 or later, which {@link dev.casemate.linux.ChildCommand} needs for {@code posix_spawn}.
 * Strings are passed as UTF-8. A JVM has several threads and so can neither make nor enter user
 * namespaces. The JVM must be started with native access for this module.
 */
package dev.casemate.linux;
