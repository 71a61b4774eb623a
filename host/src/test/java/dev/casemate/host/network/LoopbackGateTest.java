package dev.casemate.host.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.core.GuestConnection;
import dev.casemate.core.GuestDialer;
import dev.casemate.core.MachineCapabilities;
import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who connects to loopback in a namespace of the test reaches servers that listen somewhere else:
 * in the test's own namespace, on the port that the guest says.
 */
class LoopbackGateTest {
  private static final int PORT = 8080;
  private static final int CLOSED = 8081;
  private static final int BOUND_MILLIS = 60_000;

  @TempDir Path scratch;

  private final List<String> notes = new ArrayList<>();
  private TestNamespace made;
  private SandboxNamespace opened;
  private TapNetwork network;
  private Servers guest;
  private Path run = Path.of("/nonexistent");

  @BeforeEach
  void openTheGate() throws Exception {
    made = new TestNamespace();
    made.ip("link set lo up");
    opened = SandboxNamespace.open(made.file());
    run = Files.createDirectory(scratch.resolve("0123456789ab"));
    guest = new Servers();
    network = network(run);
    network.serveLoopback(guest);
  }

  private TapNetwork network(Path directory) {
    TapNetwork opening =
        new TapNetwork(
            opened,
            directory,
            new NetworkOptions(1, 1, new NetworkOptions.RateLimits(0, 0)),
            notes::add);
    opening.open(new MachineCapabilities("test", Set.of()));
    return opening;
  }

  @AfterEach
  void removeAll() throws IOException {
    network.close();
    guest.close();
    opened.close();
    made.close();
  }

  /** A server on loopback, as the guest would have it: whoever asks for the port gets there. */
  private static final class Servers implements GuestDialer, AutoCloseable {
    final ServerSocket socket = listen();
    final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();

    private static ServerSocket listen() {
      try {
        return new ServerSocket(0, LoopbackForwarder.MOST, InetAddress.getLoopbackAddress());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Socket accept() throws IOException {
      socket.setSoTimeout(BOUND_MILLIS);
      Socket accepted = socket.accept();
      accepted.setSoTimeout(BOUND_MILLIS);
      return accepted;
    }

    @Override
    public GuestConnection dial(byte[] address, int port) {
      try {
        asked.add(InetAddress.getByAddress(address).getHostAddress() + " " + port);
        if (port != PORT) {
          throw new CasemateException(ErrorCode.HOST_UNFIT, "connect", "refused", "");
        }
        return new Connection(new Socket(socket.getInetAddress(), socket.getLocalPort()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private record Connection(Socket socket) implements GuestConnection {
    @Override
    public InputStream input() {
      return each(socket::getInputStream);
    }

    @Override
    public OutputStream output() {
      return new java.io.FilterOutputStream(each(socket::getOutputStream)) {
        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
          out.write(from, offset, length);
        }

        @Override
        public void close() throws IOException {
          socket.shutdownOutput();
        }
      };
    }

    @Override
    public void reset() {
      try {
        LoopbackGateTest.reset(socket);
      } catch (IOException broken) {
        // The other way has closed it at the same time.
      }
    }

    @Override
    public void close() {
      each(() -> {
        socket.close();
        return true;
      });
    }

    private static <T> T each(Callable<T> work) {
      try {
        return work.call();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Connects as a process in the namespace does. */
  private Socket connect(String address, int port) throws IOException {
    try {
      return opened.within(() -> {
        try {
          Socket socket = new Socket();
          socket.setSoTimeout(BOUND_MILLIS);
          socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), BOUND_MILLIS);
          return socket;
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void reset(Socket socket) throws IOException {
    try (socket) {
      socket.setSoLinger(true, 0);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.53", "::1"})
  void whatIsSaidArrivesAndSoDoesTheEndOfEachWay(String address) throws Exception {
    try (Socket client = connect(address, PORT);
        Socket server = guest.accept()) {
      client.getOutputStream().write(bytes("question"));
      client.shutdownOutput();

      assertThat(server.getInputStream().readAllBytes()).isEqualTo(bytes("question"));
      server.getOutputStream().write(bytes("answer"));
      server.shutdownOutput();
      assertThat(client.getInputStream().readAllBytes()).isEqualTo(bytes("answer"));
    }
    assertThat(guest.asked)
        .containsExactly(InetAddress.ofLiteral(address).getHostAddress() + " " + PORT);
    assertThat(notes).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aPortOnWhichTheGuestDoesNotListenRefuses(String address) {
    assertThatThrownBy(() -> connect(address, CLOSED))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("refused");
    assertThat(guest.asked).hasSize(1);
  }

  @Test
  void whoListensInTheNamespaceIsReachedWhereTheGuestHasNobody() throws Exception {
    ServerSocket own =
        opened.within(() -> {
          try {
            return new ServerSocket(CLOSED, 0, InetAddress.getLoopbackAddress());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    try (own) {
      own.setSoTimeout(BOUND_MILLIS);
      try (Socket client = connect("127.0.0.1", CLOSED);
          Socket server = own.accept()) {
        server.getOutputStream().write('!');
        assertThat(client.getInputStream().read()).isEqualTo('!');
      }
    }
  }

  @Test
  void aConnectionThatBreaksBreaksOnTheOtherSide() throws Exception {
    try (Socket client = connect("127.0.0.1", PORT);
        Socket server = guest.accept()) {
      reset(server);
      assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
    }
    try (Socket client = connect("127.0.0.1", PORT);
        Socket server = guest.accept()) {
      reset(client);
      assertThatThrownBy(() -> server.getInputStream().read()).hasMessageContaining("reset");
    }
  }

  @Test
  void manyConnectionsAreCarriedAtOnce() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Socket> servers = new ArrayList<>();
      List<Future<byte[]>> answers = new ArrayList<>();
      int count = 100;
      for (int i = 0; i < count; i++) {
        byte[] number = bytes("client " + i);
        answers.add(
            threads.submit(() -> {
              try (Socket client = connect("127.0.0.1", PORT)) {
                client.getOutputStream().write(number);
                client.shutdownOutput();
                return client.getInputStream().readAllBytes();
              }
            }));
      }
      for (int i = 0; i < count; i++) {
        servers.add(guest.accept());
      }
      for (Socket server : servers) {
        try (server) {
          server.getOutputStream().write(server.getInputStream().readAllBytes());
        }
      }
      for (int i = 0; i < count; i++) {
        assertThat(answers.get(i).get(BOUND_MILLIS, TimeUnit.MILLISECONDS))
            .isEqualTo(bytes("client " + i));
      }
    }
  }

  @Test
  void theEndOfTheSandboxBreaksConnectionsAndLeavesNothing() throws Exception {
    try (Socket client = connect("127.0.0.1", PORT);
        Socket server = guest.accept()) {
      CompletableFuture<Throwable> broken = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              int ignored = client.getInputStream().read();
              broken.complete(new AssertionError("it ended well"));
            } catch (IOException e) {
              broken.complete(e);
            }
          });

      network.close();

      assertThat(broken.get(BOUND_MILLIS, TimeUnit.MILLISECONDS)).hasMessageContaining("reset");
      assertThatThrownBy(() -> server.getInputStream().read()).hasMessageContaining("reset");
    }
    assertThat(made.ip("-br link").lines()).hasSize(1);
    assertThat(made.tc("qdisc show dev lo")).doesNotContain("clsact");
    assertThatThrownBy(() -> connect("127.0.0.1", PORT)).isInstanceOf(ConnectException.class);
  }

  @Test
  void whatAKilledSandboxHasLeftIsRemovedByItsTracesOrByTheNext() throws Exception {
    made.ip("link set lo up");
    network.close();
    Path other = Files.createDirectory(scratch.resolve("ba9876543210"));
    made.tc("qdisc add dev lo clsact");
    made.ip("tuntap add dead mode tap");
    // As one that was killed leaves it: a mark, and a tap that is gone.
    made.tc(
        "filter add dev lo egress protocol ip pref 1 u32 match u32 0 0 action mirred egress"
            + " redirect dev dead cookie "
            + java.util.HexFormat.of().formatHex(bytes("cm:" + other.getFileName())));
    made.ip("link del dead");
    Files.writeString(
        other.resolve("network.json"),
        "{\"namespace\":\"" + made.file() + "\",\"inode\":" + opened.inode() + "}");

    new NetworkTraces(other).remove();

    assertThat(made.tc("qdisc show dev lo")).doesNotContain("clsact");
    made.tc("qdisc add dev lo clsact");
    made.tc(
        "filter add dev lo egress protocol ip pref 1 u32 match u32 0 0 action mirred egress"
            + " redirect dev lo cookie "
            + java.util.HexFormat.of().formatHex(bytes("foreign")));
    network = network(Files.createDirectory(scratch.resolve("aaaaaaaaaaaa")));
    network.serveLoopback(guest);
    assertThat(notes)
        .containsExactly("connections to loopback do not reach the guest: lo is filtered already");
    assertThat(made.tc("filter show dev lo egress")).contains("mirred");
  }
}
