package dev.casemate.model.network;

import java.util.List;

/**
 * All that a guest is told of its network. Interfaces are named as in the pod's namespace on the
 * host; what is not here is not in the guest.
 */
public record PodNetwork(
    List<PodInterface> interfaces,
    List<PodRoute> routes,
    List<PodRule> rules,
    List<PodNeighbour> neighbours) {
  /** No network but the loopback interface. */
  public static final PodNetwork NONE = new PodNetwork(List.of(), List.of(), List.of(), List.of());

  /** Copies the lists. */
  public PodNetwork {
    interfaces = List.copyOf(interfaces);
    routes = List.copyOf(routes);
    rules = List.copyOf(rules);
    neighbours = List.copyOf(neighbours);
  }
}
