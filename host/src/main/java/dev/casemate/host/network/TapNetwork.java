package dev.casemate.host.network;

import dev.casemate.core.GuestDialer;
import dev.casemate.core.MachineCapabilities;
import dev.casemate.core.MachineCapability;
import dev.casemate.core.MachineDevice;
import dev.casemate.core.SandboxNetwork;
import dev.casemate.linux.LinuxException;
import dev.casemate.linux.TapDevice;
import dev.casemate.linux.Wakeup;
import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.MacAddress;
import dev.casemate.linux.netlink.NetworkChanges;
import dev.casemate.linux.netlink.RouteSocket;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.network.PodNetwork;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Interfaces of a namespace whose traffic is mirrored to taps, which are the machine's cards.
 * Guarded by its monitor; a platform thread of its own listens for changes.
 */
public final class TapNetwork implements SandboxNetwork {
  /** What the marks on the filters of all sandboxes begin with. */
  static final String MARK_PREFIX = "cm:";

  private static final String TAP_NAME = "casemate%d";

  /** Locally administered; never seen on a wire, since the guest takes the interface's address. */
  private static final long SPARE_ADDRESS = 0x02ca_5e00_0000L;

  /** Changes come in bursts: one look after the burst is enough. */
  private static final Duration SETTLE = Duration.ofMillis(20);

  /** A burst that does not end is looked at all the same. */
  private static final int MOST_SETTLES = 10;

  private final SandboxNamespace namespace;
  private final NetworkOptions options;
  private final NetworkTraces traces;
  private final Consumer<String> notes;
  private final List<Card> cards = new ArrayList<>();
  private final Set<String> noted = new HashSet<>();
  private final Wakeup stop = new Wakeup();
  private @Nullable RouteSocket socket;
  private @Nullable Mirror mirror;
  private @Nullable Thread listener;
  private @Nullable LoopbackGate gate;
  private boolean closed;

  /**
   * A network that nothing was done to yet.
   *
   * @param namespace stays its maker's to close, after this
   * @param runDirectory the sandbox's, whose name marks what is made
   * @param notes is told what the machine does not get
   */
  public TapNetwork(
      SandboxNamespace namespace,
      Path runDirectory,
      NetworkOptions options,
      Consumer<String> notes) {
    this.namespace = namespace;
    this.options = options;
    this.traces = new NetworkTraces(runDirectory);
    this.notes = notes;
  }

  @Override
  public synchronized List<MachineDevice> open(MachineCapabilities machine) {
    try {
      traces.write(namespace.file(), namespace.inode());
      RouteSocket route = namespace.within(RouteSocket::open);
      socket = route;
      mirror = new Mirror(route, traces.mark(), options.limits());
      List<Link> endpoints = Endpoints.of(route.links(), Set.of()).links();
      makeCards(route, endpoints, spareCards(machine, endpoints.isEmpty()));
    } catch (LinuxException failure) {
      throw unfit("make the machine's network cards", failure);
    }
    return cards.stream().map(Card::device).toList();
  }

  /** Who gives a namespace with interfaces has given all of them, as network plug-ins do. */
  private int spareCards(MachineCapabilities machine, boolean empty) {
    boolean complete = !empty && !namespace.isMade();
    return complete || machine.has(MachineCapability.NETWORK_HOTPLUG) ? 0 : options.spareCards();
  }

  private void makeCards(RouteSocket route, List<Link> endpoints, int spare) {
    List<TapDevice> taps =
        namespace.within(() -> openTaps(endpoints.size() + spare, options.queues()));
    Set<MacAddress> taken = new HashSet<>();
    Map<String, Integer> indexes = new HashMap<>();
    route.links().forEach(link -> indexes.put(link.name(), link.index()));
    for (int i = 0; i < taps.size(); i++) {
      TapDevice tap = taps.get(i);
      MacAddress address = new MacAddress(SPARE_ADDRESS + i);
      // Agents that cannot be told otherwise find an interface by its own address.
      MacAddress its = i < endpoints.size() ? endpoints.get(i).hardwareAddress() : null;
      if (its != null && taken.add(its)) {
        address = its;
      }
      cards.add(new Card(address, tap, Objects.requireNonNull(indexes.get(tap.name()))));
    }
  }

  private static List<TapDevice> openTaps(int count, int queues) {
    List<TapDevice> taps = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        taps.add(TapDevice.open(TAP_NAME, queues));
      }
      return taps;
    } catch (RuntimeException failure) {
      taps.forEach(TapDevice::close);
      throw failure;
    }
  }

  @Override
  public synchronized Sight look() {
    RouteSocket route = socket;
    Mirror connecting = mirror;
    if (closed || route == null || connecting == null) {
      return new Sight(PodNetwork.NONE, List.of());
    }
    try {
      return look(route, connecting);
    } catch (LinuxException failure) {
      throw unfit("connect the interfaces of " + namespace, failure);
    }
  }

  private Sight look(RouteSocket route, Mirror connecting) {
    NamespaceView view = NamespaceView.of(route);
    Set<Integer> ours = new HashSet<>();
    cards.forEach(card -> ours.add(card.tapIndex()));
    LoopbackGate opened = gate;
    if (opened != null) {
      ours.add(opened.tapIndex());
    }
    Endpoints endpoints = Endpoints.of(view.links(), ours);
    endpoints.notes().forEach(this::note);
    disconnectGone(endpoints, connecting);
    List<String> withoutCard = new ArrayList<>();
    for (Link endpoint : endpoints.links()) {
      if (!connect(endpoint, view, connecting)) {
        withoutCard.add(endpoint.name());
      }
    }
    Map<Integer, MacAddress> served = new HashMap<>();
    for (Card card : cards) {
      Integer endpoint = card.endpoint();
      if (endpoint != null) {
        served.put(endpoint, card.hardwareAddress());
      }
    }
    Description description = Description.of(view, served);
    description.notes().forEach(this::note);
    return new Sight(description.network(), withoutCard);
  }

  private void disconnectGone(Endpoints endpoints, Mirror connecting) {
    Set<Integer> there = new HashSet<>();
    endpoints.links().forEach(link -> there.add(link.index()));
    for (Card card : cards) {
      Integer endpoint = card.endpoint();
      if (endpoint != null && !there.contains(endpoint)) {
        connecting.disconnect(endpoint, card.tapIndex());
        card.serve(null);
      }
    }
  }

  /** Connects an interface unless it is; false when there is no card for it. */
  private boolean connect(Link endpoint, NamespaceView view, Mirror connecting) {
    for (Card card : cards) {
      Integer served = card.endpoint();
      if (served != null && served == endpoint.index()) {
        view.link(card.tapIndex()).ifPresent(tap -> connecting.follow(endpoint, tap));
        return true;
      }
    }
    Card card = freeCard(endpoint);
    if (card == null) {
      return false;
    }
    connecting.connect(endpoint, card.tapIndex());
    card.serve(endpoint.index());
    return true;
  }

  /** The one that came with the interface's address, else any. */
  private @Nullable Card freeCard(Link endpoint) {
    Card any = null;
    for (Card card : cards) {
      if (card.endpoint() == null) {
        if (card.hardwareAddress().equals(endpoint.hardwareAddress())) {
          return card;
        }
        any = any == null ? card : any;
      }
    }
    return any;
  }

  /** Says a thing once. */
  private synchronized void note(String what) {
    if (noted.add(what)) {
      notes.accept(what);
    }
  }

  @Override
  public synchronized void listen(Runnable changed) {
    if (closed || socket == null || listener != null) {
      return;
    }
    NetworkChanges changes = namespace.within(NetworkChanges::listen);
    listener =
        Thread.ofPlatform()
            .daemon()
            .name("network-changes")
            .start(() -> {
              try (changes) {
                while (changes.await(null, stop)) {
                  settle(changes);
                  changed.run();
                }
              }
            });
  }

  @Override
  public synchronized void serveLoopback(GuestDialer guest) {
    RouteSocket route = socket;
    if (closed || route == null) {
      return;
    }
    try {
      gate = LoopbackGate.open(namespace, route, traces.mark(), guest, this::note).orElse(null);
    } catch (LinuxException | UncheckedIOException failure) {
      note("connections to loopback do not reach the guest: " + failure.getMessage());
    }
  }

  private void settle(NetworkChanges changes) {
    for (int i = 0; i < MOST_SETTLES && changes.await(SETTLE, stop); i++) {
      // One more of the same burst.
    }
  }

  @Override
  public void close() {
    Thread listening;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      stop.signal();
      listening = listener;
      undo();
    }
    // The listener may be about to look, and finds that all is over.
    if (listening != null) {
      join(listening);
    }
    stop.close();
  }

  private void undo() {
    Mirror connecting = mirror;
    LoopbackGate opened = gate;
    try {
      if (opened != null) {
        opened.close();
      }
      for (Card card : cards) {
        Integer endpoint = card.endpoint();
        if (connecting != null && endpoint != null) {
          connecting.disconnect(endpoint, card.tapIndex());
        }
      }
      traces.forget();
    } catch (LinuxException failure) {
      throw unfit("disconnect the interfaces of " + namespace, failure);
    } finally {
      cards.forEach(card -> card.tap().close());
      if (socket != null) {
        socket.close();
      }
    }
  }

  /** Waits for a thread's end, deaf to interrupts, which stay set. */
  static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static CasemateException unfit(String tried, LinuxException failure) {
    return new CasemateException(
        ErrorCode.HOST_UNFIT,
        tried,
        String.valueOf(failure.getMessage()),
        "the host's kernel needs tun, sch_ingress, cls_u32, act_mirred and, for rate limits,"
            + " sch_tbf; run as root",
        failure);
  }
}
