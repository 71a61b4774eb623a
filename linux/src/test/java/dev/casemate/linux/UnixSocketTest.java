package dev.casemate.linux;

import static dev.casemate.linux.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
  @TempDir private Path dir;

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertTalks(String path) {
    try (UnixListener listener = UnixListener.listen(path);
        UnixSocket client = UnixSocket.connect(path);
        UnixSocket server = listener.accept().orElseThrow()) {
      assertThat(server.descriptor().isCloseOnExec()).isTrue();
      assertThat(server.descriptor().isNonBlocking()).isFalse();
      client.send(utf8("ping"), List.of());
      assertThat(server.receive(100, 0).data()).isEqualTo(utf8("ping"));
      assertThat(server.peer()).isEqualTo(new PeerCredentials(Processes.self(), 0, 0));
      client.shutdownOutput();
      assertThat(server.receive(100, 0).isEnd()).isTrue();
      server.send(utf8("pong"), List.of());
      assertThat(client.receive(100, 0).data()).isEqualTo(utf8("pong"));
    }
  }

  @Test
  void talksOverAPath() {
    assertTalks(dir.resolve("socket").toString());
  }

  @Test
  void talksOverALongPath() throws IOException {
    Path deep = dir;
    while (deep.toString().length() < 300) {
      deep = deep.resolve("a-directory-with-a-long-name");
    }
    Files.createDirectories(deep);
    assertTalks(deep.resolve("socket").toString());
    String tooLong = deep.resolve("n".repeat(100)).toString();
    assertRefused(Errno.ENAMETOOLONG, "bind", tooLong, () -> UnixListener.listen(tooLong));
    String bare = "n".repeat(108);
    assertRefused(Errno.ENAMETOOLONG, "bind", bare, () -> UnixListener.listen(bare));
  }

  @Test
  void saysWhyItCannotListenOrConnect() throws IOException {
    String path = dir.resolve("socket").toString();
    assertRefused(Errno.ENOENT, "connect", path, () -> UnixSocket.connect(path));
    UnixListener listener = UnixListener.listen(path);
    assertRefused(Errno.EADDRINUSE, "bind", path, () -> UnixListener.listen(path));
    listener.close();
    listener.close();
    assertRefused(Errno.ECONNREFUSED, "connect", path, () -> UnixSocket.connect(path));
    assertThatThrownBy(() -> UnixSocket.connect("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> UnixListener.listen("a\0b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void closingEndsAccepting() throws Exception {
    String path = dir.resolve("socket").toString();
    UnixListener listener = UnixListener.listen(path);
    OwnThread<Optional<UnixSocket>> acceptor = OwnThread.start(listener::accept);
    UnixSocket.connect(path).close();
    acceptor.result().orElseThrow().close();
    acceptor = OwnThread.start(listener::accept);
    listener.close();
    assertThat(acceptor.result()).isEmpty();
    assertThat(listener.accept()).isEmpty();
  }

  @Test
  void passesDescriptors() {
    List<UnixSocket> pair = UnixSocket.pair();
    try (UnixSocket left = pair.get(0);
        UnixSocket right = pair.get(1);
        Pipe first = Pipe.open();
        Pipe second = Pipe.open()) {
      left.send(utf8("two"), List.of(first.writeEnd(), second.writeEnd()));
      UnixSocket.Message message = right.receive(100, 2);
      assertThat(message.data()).isEqualTo(utf8("two"));
      assertThat(message.descriptors()).hasSize(2);
      assertThat(message.descriptors()).allMatch(Descriptor::isCloseOnExec);
      message.descriptors().get(0).writeAll(utf8("1"));
      message.descriptors().get(1).writeAll(utf8("2"));
      message.descriptors().forEach(Descriptor::close);
      byte[] one = new byte[1];
      assertThat(second.readEnd().read(one, 0, 1)).isEqualTo(1);
      assertThat(one).isEqualTo(utf8("2"));
      // The sender keeps its own.
      first.writeEnd().writeAll(utf8("3"));
    }
  }

  @Test
  void closesDescriptorsThatNobodyAskedFor() {
    for (int allowed : new int[] {0, 1, 2}) {
      List<UnixSocket> pair = UnixSocket.pair();
      try (UnixSocket left = pair.get(0);
          UnixSocket right = pair.get(1);
          Pipe pipe = Pipe.open()) {
        left.send(utf8("x"), Collections.nCopies(3, pipe.readEnd()));
        pipe.readEnd().close();
        assertRefused(Errno.EMSGSIZE, "recvmsg", "fd", () -> right.receive(100, allowed));
        assertRefused(Errno.EPIPE, "write", "fd", () -> pipe.writeEnd().writeAll(new byte[1]));
      }
    }
  }

  @Test
  void passesAsManyAsTheKernelAllows() {
    List<UnixSocket> pair = UnixSocket.pair();
    try (UnixSocket left = pair.get(0);
        UnixSocket right = pair.get(1)) {
      List<Descriptor> most = Collections.nCopies(UnixSocket.MAX_DESCRIPTORS, left.descriptor());
      left.send(utf8("x"), most);
      UnixSocket.Message message = right.receive(1, UnixSocket.MAX_DESCRIPTORS);
      assertThat(message.descriptors()).hasSize(UnixSocket.MAX_DESCRIPTORS);
      message.descriptors().forEach(Descriptor::close);
      assertThatThrownBy(() -> left.send(utf8("x"), Collections.nCopies(254, left.descriptor())))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> left.send(new byte[0], List.of()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> right.receive(0, 0)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> right.receive(1, 254)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void sendsMoreThanABufferHolds() throws Exception {
    byte[] sent = new byte[2_000_000];
    new Random(7).nextBytes(sent);
    List<UnixSocket> pair = UnixSocket.pair();
    try (UnixSocket left = pair.get(0);
        UnixSocket right = pair.get(1);
        Pipe pipe = Pipe.open()) {
      OwnThread<byte[]> reader = OwnThread.start(() -> right.inputStream().readNBytes(sent.length));
      left.send(sent, List.of(pipe.readEnd()));
      assertThat(reader.result()).isEqualTo(sent);
    }
  }

  @Test
  void refusesToSendToNobody() {
    List<UnixSocket> pair = UnixSocket.pair();
    pair.get(1).close();
    try (UnixSocket left = pair.get(0)) {
      assertRefused(Errno.EPIPE, "sendmsg", "fd", () -> left.send(utf8("x"), List.of()));
    }
    assertRefused(Errno.EBADF, "sendmsg", "closed", () -> pair.get(0).send(utf8("x"), List.of()));
    try (Pipe pipe = Pipe.open()) {
      UnixSocket fake = UnixSocket.adopt(pipe.writeEnd());
      assertRefused(Errno.ENOTSOCK, "sendmsg", "fd", () -> fake.send(utf8("x"), List.of()));
      assertRefused(Errno.ENOTSOCK, "recvmsg", "fd", () -> fake.receive(1, 0));
      assertRefused(Errno.ENOTSOCK, "getsockopt", "fd", fake::peer);
      assertRefused(Errno.ENOTSOCK, "shutdown", "fd", fake::shutdown);
    }
  }

  @Test
  void shuttingDownEndsAWait() throws Exception {
    List<UnixSocket> pair = UnixSocket.pair();
    try (UnixSocket left = pair.get(0);
        UnixSocket right = pair.get(1)) {
      OwnThread<Integer> reader = OwnThread.start(() -> left.inputStream().read());
      left.shutdown();
      assertThat(reader.result()).isEqualTo(-1);
      assertThat(right.receive(1, 0).isEnd()).isTrue();
    }
  }
}
