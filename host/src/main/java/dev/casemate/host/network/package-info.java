/**
 * The sandbox's network on the host: each interface of its network namespace is connected to a
 * network card of its machine.
 *
 * <p><b>Contract.</b> {@link dev.casemate.host.network.TapNetwork} is the port's implementation. It
 * makes taps in the namespace, whose descriptors become the machine's cards, and gives the
 * interfaces' traffic to them. Addresses and routes stay where they are, for those who look them
 * up, and are copied into the guest.
 *
 * <p><b>Threads.</b> Classes are for one thread at a time unless they say more. Work in the
 * namespace is done over sockets that were opened in it, from any thread.
 *
 * <p><b>Leftovers.</b> Taps go with their descriptors. What is changed on the given interfaces
 * carries a mark and is removed by {@link dev.casemate.host.network.NetworkTraces} when the process
 * that made it is dead.
 */
package dev.casemate.host.network;
