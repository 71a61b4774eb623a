package dev.casemate.core;

import dev.casemate.model.network.PodNetwork;
import java.util.List;

/**
 * The network of one sandbox: what is in its namespace on the host, connected to the cards of its
 * machine. Thread-safe.
 */
public interface SandboxNetwork extends AutoCloseable {
  /**
   * Makes the cards that the machine starts with: one for each interface that is there, and, for a
   * machine that takes no cards while it runs, spare ones for interfaces that come later. Called
   * once.
   *
   * @param machine what the machine can do
   * @throws dev.casemate.model.CasemateException UNSUPPORTED for the host's own network, before
   *     anything in it is touched
   */
  List<MachineDevice> open(MachineCapabilities machine);

  /**
   * What was seen.
   *
   * @param network what the guest is to be told
   * @param withoutCard the names of interfaces that no card is left for; they are not in the
   *     network
   */
  record Sight(PodNetwork network, List<String> withoutCard) {
    /** Copies the list. */
    public Sight {
      withoutCard = List.copyOf(withoutCard);
    }
  }

  /** Connects the interfaces that are new, lets go of those that are gone, and tells what is. */
  Sight look();

  /**
   * Has a listener called whenever there may be something new to see, from a thread of this
   * object's, until it is closed. Called once at most.
   */
  void listen(Runnable listener);

  /**
   * Has connections that are made to loopback in the namespace reach the guest's servers, until it
   * is closed. Called once at most. Where the host cannot, that is told and nothing fails.
   */
  void serveLoopback(GuestDialer guest);

  /** Undoes everything on the host. The machine must be gone, or it keeps its taps. */
  @Override
  void close();
}
