package dev.casemate.linux.netlink;

import static dev.casemate.linux.netlink.RouteSocketTest.ip;
import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.linux.Namespace;
import dev.casemate.linux.OwnThread;
import dev.casemate.linux.Wakeup;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkChangesTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  @Test
  void hearsOfEachKindOfChange() throws Exception {
    OwnThread.run(() -> {
      Namespace.unshare(Namespace.NETWORK);
      try (RouteSocket socket = RouteSocket.open();
          NetworkChanges changes = NetworkChanges.listen();
          Wakeup stop = new Wakeup()) {
        socket.setUp(1, true);
        assertThat(changes.await(BOUND, stop)).isTrue();
        List<Runnable> each =
            List.of(
                () -> socket.addLink("eth0", "veth"),
                () -> socket.addAddress(new InterfaceAddress(1, ip("10.1.2.3"), 24)),
                () -> socket.addAddress(new InterfaceAddress(1, ip("fd00::3"), 64)),
                () -> socket.addRoute(Route.onLink(ip("10.4.0.0"), 16, 1)),
                () -> socket.addRoute(Route.onLink(ip("fd04::"), 64, 1)),
                () -> socket.addRule(Rule.from(new Rule.Prefix(ip("10.0.0.0"), 8), 7, 7)),
                () -> socket.addRule(Rule.from(new Rule.Prefix(ip("fd00::"), 8), 7, 7)));
        for (Runnable change : each) {
          change.run();
          assertThat(changes.await(BOUND, stop)).isTrue();
          assertThat(changes.await(Duration.ZERO, stop)).as("it was told once").isFalse();
        }
      }
    });
  }

  @Test
  void hearsOfMoreThanItCanRemember() throws Exception {
    OwnThread.run(() -> {
      Namespace.unshare(Namespace.NETWORK);
      try (RouteSocket socket = RouteSocket.open();
          NetworkChanges changes = NetworkChanges.listen();
          Wakeup stop = new Wakeup()) {
        socket.setUp(1, true);
        for (int i = 0; i < 4000; i++) {
          socket.addRoute(Route.onLink(ip("10." + i / 250 + "." + i % 250 + ".0"), 24, 1));
        }
        assertThat(changes.await(BOUND, stop)).isTrue();
        assertThat(changes.await(Duration.ZERO, stop)).isFalse();
        socket.setUp(1, false);
        assertThat(changes.await(BOUND, stop)).isTrue();
      }
    });
  }

  @Test
  void isWokenUp() throws Exception {
    try (NetworkChanges changes = NetworkChanges.listen();
        Wakeup stop = new Wakeup()) {
      OwnThread<Boolean> waiting = OwnThread.start(() -> changes.await(null, stop));
      stop.signal();
      assertThat(waiting.result()).isFalse();
    }
  }
}
