package dev.casemate.core;

import dev.casemate.model.network.PodInterface;
import dev.casemate.model.network.PodNetwork;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A namespace whose interfaces the test names. Each has a card, unless the test says no. */
final class FakeNetwork implements SandboxNetwork {
  private final Journal journal;
  private final CompletableFuture<Runnable> listener = new CompletableFuture<>();
  private final CompletableFuture<GuestDialer> dialer = new CompletableFuture<>();
  private volatile Sight sight = new Sight(PodNetwork.NONE, List.of());
  private volatile Optional<RuntimeException> failure = Optional.empty();

  FakeNetwork(Journal journal) {
    this.journal = journal;
  }

  /** From now on these are there. */
  void have(String... interfaces) {
    sight = new Sight(network(interfaces), List.of());
  }

  /** From now on one is there that no card is left for. */
  void haveWithoutCard(String name) {
    sight = new Sight(sight.network(), List.of(name));
  }

  void failToLook(RuntimeException why) {
    failure = Optional.of(why);
  }

  void lookAgain() {
    failure = Optional.empty();
  }

  /** Connects to the guest's loopback, as soon as the sandbox lets it. */
  GuestConnection dial(byte[] address, int port) {
    return Gate.await(dialer, "the sandbox has loopback served").dial(address, port);
  }

  /** Lets the sandbox know that there is something to see. */
  void notice() {
    Gate.await(listener, "the sandbox listens").run();
  }

  private static PodNetwork network(String... interfaces) {
    return new PodNetwork(
        Stream.of(interfaces)
            .map(name -> new PodInterface("c", name, "m", 1500, false, 1, List.of()))
            .toList(),
        List.of(),
        List.of(),
        List.of());
  }

  @Override
  public List<MachineDevice> open(MachineCapabilities machine) {
    journal.note("network open");
    return List.of(new MachineDevice.NetworkCard("02:00:00:00:00:01", List.of(7)));
  }

  @Override
  public Sight look() {
    journal.note("network look");
    if (failure.isPresent()) {
      throw failure.get();
    }
    return sight;
  }

  @Override
  public void listen(Runnable changed) {
    listener.complete(changed);
  }

  @Override
  public void serveLoopback(GuestDialer guest) {
    dialer.complete(guest);
  }

  @Override
  public void close() {
    journal.note("network close");
  }
}
