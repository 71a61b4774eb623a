package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.linux.netlink.Link;
import dev.casemate.linux.netlink.RouteSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each test works in a network namespace that goes with its thread. */
class TapDeviceTest {
  private interface Work {
    void run(RouteSocket socket) throws Exception;
  }

  private static void inOwnNamespace(Work work) throws Exception {
    OwnThread.run(() -> {
      Namespace.unshare(Namespace.NETWORK);
      try (RouteSocket socket = RouteSocket.open()) {
        work.run(socket);
      }
    });
  }

  @Test
  void isThereAsLongAsItIsOpen() throws Exception {
    inOwnNamespace(socket -> {
      Descriptor copy;
      try (TapDevice tap = TapDevice.open("x%d", 1)) {
        assertThat(tap.name()).isEqualTo("x0");
        assertThat(tap.queues()).hasSize(1);
        assertThat(tap.queues().getFirst().isCloseOnExec()).isTrue();
        Link link = socket.link("x0").orElseThrow();
        assertThat(link.kind()).isEqualTo("tun");
        assertThat(link.ethernet()).isTrue();
        try (TapDevice second = TapDevice.open("x%d", 1)) {
          assertThat(second.name()).isEqualTo("x1");
        }
        assertThat(socket.link("x1")).isEmpty();
        copy = tap.queues().getFirst().duplicate();
      }
      assertThat(socket.link("x0")).as("while somebody has a copy").isPresent();
      copy.close();
      assertThat(socket.link("x0")).isEmpty();
    });
  }

  @Test
  void hasSeveralQueues() throws Exception {
    inOwnNamespace(socket -> {
      try (TapDevice tap = TapDevice.open("many", 3)) {
        assertThat(tap.queues()).hasSize(3);
        assertThat(socket.links()).extracting(Link::name).containsExactly("lo", "many");
        assertThat(CommandOutput.of(List.of("ip", "-details", "link", "show", "many")))
            .contains("multi_queue")
            .contains("vnet_hdr on")
            .contains("pi off")
            .contains("persist off")
            .contains("numtxqueues 256");
      }
    });
  }

  @Test
  void takesTheOtherEndOfOneThatIsThere() throws Exception {
    inOwnNamespace(socket -> {
      CommandOutput.of(List.of("ip", "tuntap", "add", "theirs", "mode", "tap"));
      int index = socket.link("theirs").orElseThrow().index();
      try (TapDevice tap = TapDevice.open("theirs", 1)) {
        assertThat(tap.name()).isEqualTo("theirs");
        assertRefused(Errno.EBUSY, "ioctl(0x400454ca)", "fd", () -> TapDevice.open("theirs", 1));
        // The kernel's word for a device that was made for one queue only.
        assertRefused(Errno.EINVAL, "ioctl(0x400454ca)", "fd", () -> TapDevice.open("theirs", 2));
      }
      assertThat(socket.link("theirs").orElseThrow().index()).isEqualTo(index);
    });
  }

  @Test
  void refusesWhatCannotBe() throws Exception {
    for (String name : new String[] {"", "sixteen-bytes-01"}) {
      assertThatThrownBy(() -> TapDevice.open(name, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (int queues : new int[] {0, -1, 257}) {
      assertThatThrownBy(() -> TapDevice.open("x", queues))
          .isInstanceOf(IllegalArgumentException.class);
    }
    inOwnNamespace(socket ->
        assertRefused(Errno.EINVAL, "ioctl(0x400454ca)", "fd", () -> TapDevice.open("lo", 1)));
  }
}
