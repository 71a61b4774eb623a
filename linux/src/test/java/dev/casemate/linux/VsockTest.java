package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a kernel without a transport allows; the rest is tested between a guest and its host. */
class VsockTest {
  private static final long PORT = 0x4000_1234L;

  @Test
  void listensWhereTheKernelKnowsIt() throws Exception {
    if (!Vsock.isAvailable()) {
      assertRefused(
          Errno.EAFNOSUPPORT, "socket", "AF_VSOCK", () -> Vsock.listen(Vsock.CID_ANY, PORT));
      assertRefused(
          Errno.EAFNOSUPPORT, "socket", "AF_VSOCK", () -> Vsock.connect(Vsock.CID_HOST, PORT));
      return;
    }
    Vsock.Listener listener = Vsock.listen(Vsock.CID_ANY, PORT);
    assertRefused(
        Errno.EADDRINUSE,
        "bind",
        "vsock:4294967295:" + PORT,
        () -> Vsock.listen(Vsock.CID_ANY, PORT));
    OwnThread<Optional<Descriptor>> acceptor = OwnThread.start(listener::accept);
    listener.close();
    assertThat(acceptor.result()).isEmpty();
    // The port is free again.
    Vsock.listen(Vsock.CID_ANY, PORT).close();
    Vsock.listen(Vsock.CID_ANY, Vsock.PORT_ANY).close();
  }

  @Test
  void hasAnIdOrNone() {
    Vsock.localCid().ifPresent(cid -> assertThat(cid).isBetween(0L, Vsock.CID_ANY - 1));
  }

  @Test
  void refusesAddressesThatCannotBe() {
    if (Vsock.isAvailable()) {
      assertThatThrownBy(() -> Vsock.listen(-1, PORT)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Vsock.listen(Vsock.CID_ANY, 1L << 32))
          .isInstanceOf(IllegalArgumentException.class);
      assertRefused(Errno.EADDRNOTAVAIL, "bind", "vsock:77777:1", () -> Vsock.listen(77_777, 1));
    }
  }
}
