package dev.casemate.core;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import dev.casemate.model.network.PodNetwork;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the guest's network in step with the host's. A virtual thread of its own takes the steps,
 * one after the other, so that the guest is never told of an older state last.
 */
final class NetworkUpkeep {
  /** Each step is bounded by the agent's call; more than a few never wait. */
  private static final Duration REFRESH_BOUND = Duration.ofMinutes(10);

  private static final String TRIED = "connect the container's network";

  private final SandboxNetwork network;
  private final GuestAgent agent;
  private final ContainerObserver observer;
  private final LinkedBlockingQueue<CompletableFuture<List<String>>> requests =
      new LinkedBlockingQueue<>();
  private final Thread thread;
  private PodNetwork told = PodNetwork.NONE;
  private @Nullable String warned;
  private volatile boolean stopped;

  private NetworkUpkeep(SandboxNetwork network, GuestAgent agent, ContainerObserver observer) {
    this.network = network;
    this.agent = agent;
    this.observer = observer;
    thread = Thread.ofVirtual().name("network-upkeep").unstarted(this::work);
  }

  /** Tells the guest for the first time, and has it follow from then on. */
  static NetworkUpkeep begin(SandboxNetwork network, GuestAgent agent, ContainerObserver observer) {
    NetworkUpkeep upkeep = new NetworkUpkeep(network, agent, observer);
    // Before the first look, so that nothing that comes after it is missed.
    network.listen(upkeep::follow);
    refuse(upkeep.step());
    upkeep.thread.start();
    return upkeep;
  }

  /**
   * Looks once more, and returns when the guest has what there is now.
   *
   * @throws CasemateException UNSUPPORTED when there are more interfaces than cards
   */
  void refresh() {
    CompletableFuture<List<String>> request = new CompletableFuture<>();
    requests.add(request);
    if (stopped) {
      request.completeExceptionally(over());
    }
    try {
      refuse(request.get(REFRESH_BOUND.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof CasemateException known
          ? known
          : new CasemateException(
              ErrorCode.BUG, TRIED, String.valueOf(failed.getCause()), "", failed);
    } catch (TimeoutException late) {
      throw new CasemateException(
          ErrorCode.TIMED_OUT,
          TRIED,
          "it took more than " + REFRESH_BOUND.toMinutes() + " minutes",
          "",
          late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CasemateException(
          ErrorCode.CANCELLED, TRIED, "the caller gave up", "", interrupted);
    }
  }

  /** Something has changed; whoever noticed does not wait. */
  private void follow() {
    CompletableFuture<List<String>> request = new CompletableFuture<>();
    var _ =
        request.whenComplete((without, failure) -> {
          if (failure == null && !without.isEmpty()) {
            warn(tooMany(without).why());
          } else if (failure != null && !stopped) {
            warn(String.valueOf(failure.getMessage()));
          }
        });
    requests.add(request);
  }

  /** On the thread that takes the steps; a state that lasts is told once. */
  private void warn(String why) {
    if (!why.equals(warned)) {
      warned = why;
      observer.warned(TRIED + ": " + why);
    }
  }

  private void work() {
    try {
      // Nothing of the sandbox's start waits for it.
      network.serveLoopback(agent);
      while (!stopped) {
        CompletableFuture<List<String>> request = requests.take();
        try {
          if (stopped) {
            throw over();
          }
          request.complete(step());
        } catch (RuntimeException failure) {
          request.completeExceptionally(failure);
        }
      }
    } catch (InterruptedException end) {
      // The sandbox is over.
    }
    for (var request = requests.poll(); request != null; request = requests.poll()) {
      request.completeExceptionally(over());
    }
  }

  /** Brings the guest up to date; the names of interfaces that it cannot have. */
  private List<String> step() {
    SandboxNetwork.Sight sight = network.look();
    if (!sight.network().equals(told)) {
      agent.configureNetwork(sight.network());
      told = sight.network();
    }
    return sight.withoutCard();
  }

  private static void refuse(List<String> withoutCard) {
    if (!withoutCard.isEmpty()) {
      throw tooMany(withoutCard);
    }
  }

  private static CasemateException tooMany(List<String> withoutCard) {
    return new CasemateException(
        ErrorCode.UNSUPPORTED,
        TRIED,
        "the machine has no network card left for " + String.join(", ", withoutCard),
        "add interfaces before the container is created; where the runtime makes the namespace,"
            + " network_spare_cards in the VMM's section says how many may come late");
  }

  private static CasemateException over() {
    return new CasemateException(ErrorCode.CANCELLED, TRIED, "the sandbox has ended", "");
  }

  /** Takes no more steps. */
  void stop() {
    stopped = true;
    thread.interrupt();
  }
}
